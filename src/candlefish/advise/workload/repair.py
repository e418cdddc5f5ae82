"""Texts of pg_stat_statements in a form that PostgreSQL reads again.

It puts `$1` in the place of every constant, also where the grammar wants one: `interval $1`, `uuid $1`,
`extract($1 from at)`. And it gives two places two parameters where both had the same constant, so that
`select date_trunc($1, at) ... group by date_trunc($2, at)` no longer groups by what it selects.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from candlefish.advise.workload.split import pieces


class Piece(NamedTuple):
    """A piece of SQL; `space` tells whether white space or a comment stands before it."""

    kind: str
    text: str
    space: bool = True

    @property
    def lower(self) -> str:
        """Return its text as the grammar compares it."""
        return self.text.lower()


_EXPRESSION_FOLLOWS: Final = frozenset(
    (
        "select", "distinct", "all", "where", "and", "or", "not", "like", "ilike", "to", "between", "symmetric",
        "asymmetric", "on", "having", "by", "limit", "offset", "when", "then", "else", "case", "returning", "from",
        "for", "escape", "first", "next", "both", "leading", "trailing", "in", "placing", "rows", "range", "groups",
        "variadic", "values", "set", "default", "is", "using", "any", "some", "at", "as", "with", "union",
        "except", "intersect",
    )
)  # fmt: skip
"""Words that stand before an expression. Any other word before `$1` is the type of a constant."""

_SEVERAL_WORDS: Final = (
    ("timestamp", "with", "time", "zone"),
    ("timestamp", "without", "time", "zone"),
    ("time", "with", "time", "zone"),
    ("time", "without", "time", "zone"),
    ("double", "precision"),
    ("character", "varying"),
    ("bit", "varying"),
)

_FIELDS: Final = frozenset({"year", "month", "day", "hour", "minute", "second", "to"})
"""What may follow an interval: `interval $1 day to second`."""

_ELEMENT: Final = re.compile(r": (?:(\S.*)\[\] \S+ text\[\]|text\[\] \S+ (\S.*)\[\])$")
"""`operator does not exist: integer[] @> text[]`: what array[$1] would have to be."""

_GROUPING, _NOT_SELECTED = "42803", "42P10"
_NO_TYPE = "42P18"
_NO_SUCH_FUNCTION = ("42883", "42725", "42804", "42846")
"""SQLSTATEs: a column that is not grouped by; an ORDER BY that DISTINCT does not select; a parameter of no type; a
function or operator that is not there, or there twice, for untyped constants; branches of different types."""


def repair(text: str) -> str:
    """Return a text without comments, typed constants written as casts, parameters numbered as they come."""
    return _join(_renumbered(_without_extract(_with_casts(_pieces(text)))))


def mend(text: str, sqlstate: str, message: str) -> str | None:
    """Return another form of a repaired text after PostgreSQL refused it; None where there is no other."""
    words = _pieces(text)
    changes: list[Callable[[list[Piece]], list[Piece]]] = []
    if sqlstate in (_GROUPING, _NOT_SELECTED):
        changes = [_unified]
    elif sqlstate == _NO_TYPE:
        number = re.search(r"\$\d+", message)
        changes = [] if number is None else [lambda old: _cast(old, "text", lambda at: old[at].text == number[0])]
    elif sqlstate in _NO_SUCH_FUNCTION:
        element = _ELEMENT.search(message)
        of = (element[1] or element[2]) if element is not None else ""
        changes = [lambda old: _cast(old, of, lambda at: old[at - 1].text in ("[", ","))] if of else []
        changes += [
            lambda old: _cast(old, "integer", lambda at: old[at - 1].lower in ("then", "else")),
            lambda old: _cast(old, "integer", lambda at: old[at - 1].text in ("(", ",", "+", "-", "*", "/", "%")),
        ]
    for change in changes:
        changed = _join(_renumbered(change(words)))
        if changed != _join(words):
            return changed
    return None


def _pieces(text: str) -> list[Piece]:
    found: list[Piece] = []
    space = False
    for kind, part in pieces(text):
        if kind in ("comment", "space"):
            space = True
        else:
            found.append(Piece(kind, part, space))
            space = False
    return found


def _with_casts(words: list[Piece]) -> list[Piece]:
    """Write `type $1` as `$1::type`."""
    done: list[Piece] = []
    at = 0
    while at < len(words):
        piece, end = words[at], at + 1
        if piece.kind == "parameter":
            begin = _type_begins(done)
            of, done = done[begin:], done[:begin]
            if of and of[0].lower == "interval":
                while end < len(words) and words[end].lower in _FIELDS:
                    end += 1
            if of:
                piece = piece._replace(space=of[0].space)
                of[0] = of[0]._replace(space=False)
                done += [piece, Piece("other", "::", space=False), *of, *words[at + 1 : end]]
            else:
                done.append(piece)
            at = end
        else:
            done.append(piece)
            at += 1
    return done


def _type_begins(done: Sequence[Piece]) -> int:
    """Return where the name of a type begins with which the words end; their number where they end with none."""
    lowered = [piece.lower for piece in done]
    for name in _SEVERAL_WORDS:
        begin = _before_precision(lowered, len(lowered) - len(name) + 1)  # timestamp(3) with time zone
        if lowered[-len(name) :] == list(name):
            return len(done) - len(name)
        if lowered[-len(name) + 1 :] == list(name[1:]) and lowered[begin : begin + 2] == [name[0], "("]:
            return begin
    end = _before_precision(lowered, len(done))
    if end < len(done):
        end += 1
    if not end or done[end - 1].kind not in ("word", "quoted") or lowered[end - 1] in _EXPRESSION_FOLLOWS:
        return len(done)
    if lowered[end - 2 : end] == ["time", "zone"]:  # at time zone $1
        return len(done)
    begin = end - 1
    while begin > 1 and done[begin - 1].text == "." and done[begin - 2].kind in ("word", "quoted"):
        begin -= 2
    return begin


def _before_precision(lowered: Sequence[str], end: int) -> int:
    """Return where the word before `(10, 2)` stands, `end` where the words before it do not end so."""
    at = end - 2
    if end < 4 or lowered[end - 1] != ")":
        return end
    while at > 0 and (lowered[at].isdigit() or lowered[at] == ","):
        at -= 1
    return at - 1 if at > 0 and lowered[at] == "(" and at < end - 2 else end


def _without_extract(words: list[Piece]) -> list[Piece]:
    """Write `extract($1 from x)` as `date_part($1, x)`, which takes its field as a value."""
    done = list(words)
    for at in range(len(done) - 3):
        texts = [piece.lower for piece in done[at : at + 4]]
        if texts[:2] == ["extract", "("] and done[at + 2].kind == "parameter" and texts[3] == "from":
            done[at], done[at + 3] = done[at]._replace(text="date_part"), Piece("other", ",", space=False)
    return done


def _unified(words: list[Piece]) -> list[Piece]:
    """Give parameters that stand between the same words the same number: the same constant was in both places.

    Where one of the places kept its constant (GROUP BY does), it goes into the others.
    """
    known: dict[tuple[str, ...], Piece] = {}
    places = [(*_around(words, at - 2, at), "?", *_around(words, at + 1, at + 3)) for at in range(len(words))]
    for piece, place in zip(words, places, strict=True):
        if piece.kind in ("string", "number") or (piece.kind == "parameter" and place not in known):
            known[place] = piece
    return [
        piece._replace(kind=known[place].kind, text=known[place].text) if piece.kind == "parameter" else piece
        for piece, place in zip(words, places, strict=True)
    ]


def _around(words: Sequence[Piece], begin: int, end: int) -> tuple[str, ...]:
    return tuple("?" if piece.kind == "parameter" else piece.lower for piece in words[max(begin, 0) : end])


def _cast(words: list[Piece], to: str, wanted: Callable[[int], bool]) -> list[Piece]:
    """Put a cast behind the parameters that are wanted and have none."""
    done: list[Piece] = []
    for at, piece in enumerate(words):
        done.append(piece)
        has_cast = "".join(follower.text for follower in words[at + 1 : at + 3]).startswith("::")
        if piece.kind == "parameter" and at and wanted(at) and not has_cast:
            done += [Piece("other", "::", space=False), Piece("word", to, space=False)]
    return done


def _renumbered(words: list[Piece]) -> list[Piece]:
    numbers: dict[str, str] = {}
    return [
        piece._replace(text=numbers.setdefault(piece.text, f"${len(numbers) + 1}"))
        if piece.kind == "parameter"
        else piece
        for piece in words
    ]


def _join(words: Sequence[Piece]) -> str:
    return "".join(f" {piece.text}" if piece.space else piece.text for piece in words).strip()
