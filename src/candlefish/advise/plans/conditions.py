"""A condition of a plan taken apart: AND, OR, NOT, comparisons.

PostgreSQL prints every operation of a plan in brackets of its own, so no precedence has to be known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from candlefish.advise.plans.tokens import Token, tokenize, unquote

_CONNECTIVES: Final = ("AND", "OR")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`; the operators of words are "IS NULL", "IS NOT NULL", and " ANY" behind one of signs.

    `name = ANY ('{a,b}')` is Comparison("name", "= ANY", "'{a,b}'"). A negated operator keeps its own sign (`<>`).
    """

    left: str
    operator: str
    right: str
    text: str


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions of which all hold."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which one holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Other:
    """What is neither: a boolean column or call, NOT of something, a subplan."""

    text: str
    negated: bool = False


Condition: TypeAlias = Comparison | Both | Either | Other


def parse_condition(text: str) -> Condition:
    """Return a condition as a tree; what is not understood is an Other."""
    return _parse(_trim(tokenize(text)))


def conjuncts(condition: Condition) -> Iterator[Condition]:
    """Give the conditions that all hold."""
    if isinstance(condition, Both):
        for part in condition.parts:
            yield from conjuncts(part)
    else:
        yield condition


def references(text: str) -> frozenset[tuple[str, str]]:
    """Return the (alias, column) pairs that an expression names."""
    tokens = tokenize(text)
    return frozenset(
        (unquote(tokens[at].text), unquote(tokens[at + 2].text))
        for at in range(len(tokens) - 2)
        if _is_reference(tokens, at)
    )


def with_alias(text: str, alias: str) -> str:
    """Return an expression with an alias before every name: of one table alone, PostgreSQL prints none.

    Words of a type that has several (`time zone`) get one too; whoever asks for columns finds none of such a name.
    """
    tokens = tokenize(text)
    if any(_is_reference(tokens, at) for at in range(len(tokens) - 2)):
        return text
    prefix = '"' + alias.replace('"', '""') + '".'
    return "".join(prefix + token.text if _is_name(tokens, at) else token.text for at, token in enumerate(tokens))


def without_alias(text: str, alias: str) -> str:
    """Return an expression with the columns of one alias alone: as an index on its table writes them."""
    tokens = tokenize(text)
    kept = list(tokens)
    for at in range(len(tokens) - 2):
        if _is_reference(tokens, at) and unquote(tokens[at].text) == alias:
            kept[at] = kept[at + 1] = Token("space", "")
    return "".join(token.text for token in kept)


def strip_brackets(text: str) -> str:
    """Return an expression without brackets around all of it."""
    return "".join(token.text for token in _trim(tokenize(text)))


def strip_cast(text: str, to: str = "") -> str:
    """Return what stands before the outermost cast (`to` a type, if that is given); the text itself without one.

    `(t.name)::text` gives `t.name`; a string with a type after it is a literal and stays.
    """
    tokens = _trim(tokenize(text))
    casts = [at for at, token in _at_depth_0(tokens) if token.kind == "cast"]
    if not casts:
        return "".join(token.text for token in tokens)
    before, after = tokens[: casts[-1]], tokens[casts[-1] + 1 :]
    if to and "".join(token.text for token in after) != to:
        return "".join(token.text for token in tokens)
    return "".join(token.text for token in _trim(before))


def _is_reference(tokens: Sequence[Token], at: int) -> bool:
    def named(index: int) -> bool:
        return tokens[index].kind in ("word", "quoted")

    if not (named(at) and tokens[at + 1].kind == "dot" and named(at + 2)):
        return False
    before = tokens[at - 1].kind if at else ""
    after = tokens[at + 3] if at + 3 < len(tokens) else None
    return before not in ("dot", "cast") and not (after is not None and after.text in ("(", "."))


def _is_name(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].kind if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    token = tokens[at]
    is_name = token.kind == "quoted" or (token.kind == "word" and not token.text.isupper())
    return is_name and before not in ("dot", "cast") and after not in ("(", ".")


def _at_depth_0(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    depth = 0
    for at, token in enumerate(tokens):
        if token.kind == "close":
            depth -= 1
        if not depth and token.kind not in ("open", "close"):
            yield at, token
        if token.kind == "open":
            depth += 1


def _trim(tokens: list[Token]) -> list[Token]:
    """Take white space and brackets away that enclose everything."""
    while True:
        while tokens and tokens[0].kind == "space":
            tokens = tokens[1:]
        while tokens and tokens[-1].kind == "space":
            tokens = tokens[:-1]
        if not (tokens and tokens[0].text == "(" and tokens[-1].text == ")" and _closes_last(tokens)):
            return tokens
        tokens = tokens[1:-1]


def _closes_last(tokens: Sequence[Token]) -> bool:
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if not depth:
            return at == len(tokens) - 1
    return False


def _parse(tokens: list[Token]) -> Condition:
    for word in _CONNECTIVES:
        parts = _split(tokens, word)
        if len(parts) > 1:
            found = tuple(_parse(_trim(part)) for part in parts)
            return Both(found) if word == "AND" else Either(found)
    if tokens and tokens[0].text == "NOT":
        return Other("".join(token.text for token in _trim(tokens[1:])), negated=True)
    return _parse_comparison(tokens) or Other("".join(token.text for token in tokens))


def _split(tokens: list[Token], word: str) -> list[list[Token]]:
    places = [at for at, token in _at_depth_0(tokens) if token.kind == "word" and token.text == word]
    if any(token.text == "BETWEEN" for _, token in _at_depth_0(tokens)):
        return [tokens]  # BETWEEN SYMMETRIC is printed as such; its AND joins nothing
    parts, begin = [], 0
    for place in places:
        parts.append(tokens[begin:place])
        begin = place + 1
    parts.append(tokens[begin:])
    return parts


def _parse_comparison(tokens: list[Token]) -> Comparison | None:
    text = "".join(token.text for token in tokens)
    outer = list(_at_depth_0(tokens))
    for suffix, operator in ((("IS", "NULL"), "IS NULL"), (("IS", "NOT", "NULL"), "IS NOT NULL")):
        words = [token.text for _, token in outer if token.kind != "space"][-len(suffix) :]
        if tuple(words) == suffix:
            place = max(at for at, token in outer if token.text == "IS")
            return Comparison(_text(tokens[:place]), operator, "", text)
    signs = [at for at, token in outer if token.kind == "operator"]
    if len(signs) != 1 or not signs[0]:
        return None
    left, right = _trim(tokens[: signs[0]]), _trim(tokens[signs[0] + 1 :])
    operator = tokens[signs[0]].text
    if right and right[0].text in ("ANY", "ALL"):
        return Comparison(_text(left), f"{operator} {right[0].text}", _text(right[1:]), text)
    return Comparison(_text(left), operator, _text(right), text)


def _text(tokens: list[Token]) -> str:
    return "".join(token.text for token in _trim(tokens))
