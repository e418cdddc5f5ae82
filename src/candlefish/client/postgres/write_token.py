"""The text in which a write travels: in a cookie or a header, from one process to another."""

import re
from typing import NamedTuple, Self

from candlefish.client.postgres.lsn import Position
from candlefish.errors import UsageError

VERSION = "1"
"""Of the text: another version is refused instead of being misread."""

SHOWN = 60
"""Characters of a wrong token that the error repeats: it may come from anybody."""

_TEXT = re.compile(rf"{VERSION}\.([0-9a-f]{{1,8}})\.([0-9a-f]{{1,16}})\.([0-9a-f]{{1,12}})")


class WriteToken(NamedTuple):
    """Where the primary was after a write (None: it did not say in time), and when that was, in seconds since 1970."""

    position: Position | None
    issued: int

    def __str__(self) -> str:
        timeline, lsn = self.position or (0, 0)
        return f"{VERSION}.{timeline:x}.{lsn:x}.{self.issued:x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the token of a text; raise UsageError when it is none."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise UsageError(
                f"not a write token: {text[:SHOWN]!r}",
                detail=f"a token of version {VERSION} is {VERSION}.TIMELINE.LSN.SECONDS in hexadecimal digits",
                hint="pass what `await writes.token()` or `await db.write_token()` gave, or None",
            )
        timeline, lsn, issued = (int(part, 16) for part in found.groups())
        return cls(Position(timeline, lsn) if timeline else None, issued)
