"""Split plain SQL into statements, COPY data and psql commands, as psql does, without ever running a psql command.

The rules are those of PostgreSQL's psqlscan.l: quotes, dollar quotes, nested comments, parentheses, and
`BEGIN ATOMIC ... END` bodies hold semicolons that end nothing; a backslash outside of them starts a psql command.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

CHUNK_BYTES = 1 << 18
"""Read at a time, and about what one COPY message carries."""

_TOKEN = re.compile(
    rb"""(?P<blank>\s+) | (?P<comment>--[^\n]*) | (?P<nested>/\*) | (?P<escaped>[eE]')
    | (?P<quote>') | (?P<name>") | (?P<dollar>\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$)
    | (?P<word>[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*) | (?P<open>\() | (?P<close>\)) | (?P<end>;)
    | (?P<command>\\) | (?P<other>[0-9.,=*+<>\[\]:]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_LOOK_AHEAD = 80
"""Bytes that must follow a token before its end is certain: a dollar quote's tag is an identifier of at most 63."""

_Find = Callable[[bytes, int], re.Match[bytes] | None]
_LINE_END: _Find = re.compile(rb"\n").search
_COMMENT_EDGE: _Find = re.compile(rb"/\*|\*/").search
_ESCAPED_END: _Find = re.compile(rb"(?:[^'\\]|\\.|'')*+'", re.DOTALL).match
_CLOSING: dict[str, _Find] = {
    "quote": re.compile(rb"'").search,
    "name": re.compile(rb'"').search,
    "escaped": _ESCAPED_END,
}
_COPY_END = re.compile(rb"\n\\\.\r?\n")
_LAST_COPY_END = re.compile(rb"\n\\\.\r?(?:\n|\Z)")
_COPY = re.compile(rb"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_ROUTINE = re.compile(rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_TAIL_BYTES = 512
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Readable(Protocol):
    """What a script is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon, and the line it begins on."""

    line: int
    sql: bytes

    @property
    def takes_data(self) -> bool:
        """Tell whether lines of data follow (COPY ... FROM STDIN)."""
        return _COPY.match(self.sql) is not None


@dataclass(frozen=True, slots=True)
class PsqlCommand:
    """One backslash command: its name without the backslash, and the rest of its line."""

    line: int
    name: str
    argument: str


class Script:
    """Iterate over what a script holds; after a Statement that takes data, read `copy_data()` to its end.

    Set `standard_strings` to False when the server says that backslashes are escapes in ordinary quotes.
    """

    def __init__(self, file: Readable, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self.standard_strings = True
        self._file = file
        self._chunk_bytes = chunk_bytes
        self._text = b""
        self._start = 0  # of the item at hand; what lies before is forgotten at the next read
        self._at = 0
        self._token_text = b""
        self._line = 1
        self._ended = False
        self._tail = b""
        while len(self._text) < len(_BYTE_ORDER_MARK) and not self._ended:
            self._more()
        self._text = self._text.removeprefix(_BYTE_ORDER_MARK)

    @property
    def line(self) -> int:
        """The line that has been reached."""
        return self._line

    @property
    def tail(self) -> bytes:
        """The last bytes that were read: pg_dump writes there that its dump is complete."""
        return self._tail

    def __iter__(self) -> Iterator[Statement | PsqlCommand]:
        while (item := self._next()) is not None:
            yield item

    def copy_data(self) -> Iterator[bytes]:
        r"""Give the lines of data that follow a COPY, in large pieces, without the `\.` that ends them."""
        if not self._take(_LINE_END):
            return
        self._at -= 1  # the line end before the data belongs to the `\n\\.\n` that ends empty data
        while True:
            self._start = self._at
            found = (_LAST_COPY_END if self._ended else _COPY_END).search(self._text, self._at)
            if found:
                stop, after = found.start() + 1, found.end()
            elif self._ended:
                stop = after = len(self._text)
            else:
                stop = self._text.rfind(b"\n", self._at) + 1
                after = stop - 1
            self._line += self._text.count(b"\n", self._at + 1, max(stop, after))
            piece, self._at = self._text[self._at + 1 : stop], after
            if piece:
                yield piece
            if found or self._ended:
                return
            self._start = self._at
            self._more()

    def _next(self) -> Statement | PsqlCommand | None:
        self._skip_blank()
        line = self._line
        parentheses = bodies = 0
        while (kind := self._token()) is not None:
            if kind == "open":
                parentheses += 1
            elif kind == "close":
                parentheses = max(0, parentheses - 1)
            elif kind == "word" and parentheses == 0:
                bodies = self._bodies_after(bodies)
            elif kind == "command":
                return self._command(line)
            elif kind == "end" and parentheses == 0 and bodies == 0:
                return Statement(line, self._text[self._start : self._at - 1].rstrip())
        rest = self._text[self._start :].strip()
        self._start = self._at
        return Statement(line, rest) if rest else None

    def _skip_blank(self) -> None:
        """Forget what was given out, and the blanks, comments and empty statements that follow it."""
        while True:
            self._start, line = self._at, self._line
            if self._token() not in ("blank", "comment", "nested", "end"):
                self._at, self._line = self._start, line
                return

    def _token(self) -> str | None:
        """Step over one token and return its kind, None at the end of the script."""
        match = _TOKEN.match(self._text, self._at)
        while not self._ended and (match is None or match.end() + _LOOK_AHEAD > len(self._text)):
            self._more()
            match = _TOKEN.match(self._text, self._at)
        if match is None:
            return None
        kind = match.lastgroup or "other"
        self._token_text = match[0]
        self._line += match[0].count(b"\n")
        self._at = match.end()
        if kind == "nested":
            self._close_comment()
        elif kind == "dollar":
            self._take(re.compile(re.escape(match[0])).search)
        elif kind == "quote" and not self.standard_strings:
            self._take(_ESCAPED_END)
        elif kind in _CLOSING:
            self._take(_CLOSING[kind])
        return kind

    def _close_comment(self) -> None:
        depth = 1
        while depth and (edge := self._take(_COMMENT_EDGE)):
            depth += 1 if edge.endswith(b"/*") else -1

    def _take(self, find: _Find) -> bytes:
        """Step behind what `find` finds next and return it; step to the end of the script when there is nothing."""
        match = find(self._text, self._at)
        while not self._ended and (match is None or match.end() == len(self._text)):
            self._more()
            match = find(self._text, self._at)
        end = match.end() if match else len(self._text)
        self._line += self._text.count(b"\n", self._at, end)
        self._at = end
        return match[0] if match else b""

    def _bodies_after(self, bodies: int) -> int:
        """Return how many BEGIN and CASE are open after a word of a routine's SQL-standard body."""
        word = self._token_text.lower()
        if word == b"begin" and _ROUTINE.match(self._text, self._start):
            return bodies + 1
        if word == b"case" and bodies:
            return bodies + 1
        return bodies - 1 if word == b"end" and bodies else bodies

    def _command(self, line: int) -> Statement | PsqlCommand:
        r"""Read a psql command to the end of its line; what stood before it is dropped, but for a plain `\g`."""
        length = self._at - self._start
        command_line = self._line
        self._take(_LINE_END)
        before = self._text[self._start : self._start + length - 1].strip()
        words = self._text[self._start + length : self._at].decode(errors="replace").split(maxsplit=1)
        name, argument = [*words, "", ""][:2]
        if before and name == "g" and not argument:
            return Statement(line, before)
        return PsqlCommand(command_line, name, argument.strip())

    def _more(self) -> None:
        """Read on: as much as is kept, so that one huge statement costs linear time."""
        kept = self._text[self._start :]
        piece = self._file.read(max(self._chunk_bytes, len(kept)))
        self._ended = not piece
        self._tail = (self._tail + piece)[-_TAIL_BYTES:]
        self._text = kept + piece
        self._at -= self._start
        self._start = 0
