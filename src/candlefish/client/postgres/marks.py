"""What stands for a write until its place in the WAL is known, and afterwards.

The position of a commit isn't asked for, so that writes cost nothing more. All writes acknowledged between two samples
of the primary share one `Mark`; the next sample is sent after them, so the position that it brings is at or behind
every one of their commits.
"""

import math
from time import monotonic, time

from candlefish.client.postgres.lsn import Position

CLOCKS_APART_S = 10.0
"""How far the clocks of two machines may be apart: a token counts for so much longer than a write of this process."""


class Mark:
    """A write; `position` None: not known yet, so that only the primary is sure to have it.

    It was made at `written_at` (seconds since 1970, by its maker's clock) or a little before; None: just now.
    """

    __slots__ = ("forget_at", "position", "written_at")

    def __init__(
        self, position: Position | None = None, forget_at: float = math.inf, written_at: float | None = None
    ) -> None:
        self.position = position
        self.forget_at = forget_at
        self.written_at = written_at


class Marks:
    """The mark that the next write gets, and those that wait for a position; `primary` is the last one known."""

    def __init__(self, remember_s: float) -> None:
        self.remember_s = remember_s
        self.primary = Position(0, 0)
        self._next = Mark()
        self._next_is_used = False
        self._adopted: dict[int, Mark] = {}
        self._waiting: list[Mark] = []

    def take(self) -> Mark:
        """Return the mark for a write that has just been acknowledged."""
        self._next_is_used = True
        return self._next

    def close(self) -> None:
        """Say that the primary is being asked now: it may answer before what is written from here on."""
        if self._next_is_used:
            self._waiting.append(self._next)
            self._next = Mark()
            self._next_is_used = False
        self._waiting += self._adopted.values()
        self._adopted.clear()

    def settle(self, primary: Position) -> None:
        """Give the answer to every write before the question; without an answer they wait for the next."""
        self.primary = primary
        for mark in self._waiting:
            mark.position = primary
            if mark.written_at is None:
                mark.written_at = time()
                mark.forget_at = monotonic() + self.remember_s
        self._waiting.clear()

    def adopt(self, position: Position | None, written_at: int) -> Mark | None:
        """Return the mark of a write that was made elsewhere, or None when that is long ago.

        A position that this primary is not known to have reached isn't waited for, since it may be of another cluster:
        the primary's next one takes its place, which is behind every write that the position can stand for.
        """
        now = time()
        left_s = self.remember_s - max(0.0, now - written_at - CLOCKS_APART_S)
        if left_s <= 0:
            return None
        written_at = min(written_at, int(now))
        if position and self.primary.covers(position):
            return Mark(position, monotonic() + left_s, written_at)
        return self._adopted.setdefault(written_at, Mark(None, monotonic() + left_s, written_at))

    def later(self, one: Mark, other: Mark) -> Mark:
        """Return a mark that stands for two writes; where their positions don't tell, the primary's next one does."""
        for last, first in ((one, other), (other, one)):
            if first.position and last.position and last.position.covers(first.position):
                written_at = max(first.written_at or 0.0, last.written_at or 0.0)
                return Mark(last.position, max(first.forget_at, last.forget_at), written_at)
        return self.take()
