"""The text in which a write travels: in a cookie or a header, from one process to another."""

import re
from typing import NamedTuple, Self

from candlefish.client.postgres.lsn import Position

VERSION = "1"
"""Of the text: another version is not misread."""

_TEXT = re.compile(rf"{VERSION}\.([0-9a-f]{{1,8}})\.([0-9a-f]{{1,16}})\.([0-9a-f]{{1,12}})")


class WriteToken(NamedTuple):
    """Where the primary was after a write (None: it did not say in time), and when that was, in seconds since 1970."""

    position: Position | None
    written_at: int

    def __str__(self) -> str:
        timeline, lsn = self.position or (0, 0)
        return f"{VERSION}.{timeline:x}.{lsn:x}.{self.written_at:x}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the token of a text, or None when it is none of this version: it may come from anybody."""
        found = _TEXT.fullmatch(text)
        if found is None:
            return None
        timeline, lsn, written_at = (int(part, 16) for part in found.groups())
        return cls(Position(timeline, lsn) if timeline else None, written_at)
