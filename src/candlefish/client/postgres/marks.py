"""What stands for a write until its place in the WAL is known, and afterwards.

The position of a commit isn't asked for, so that writes cost nothing more. All writes acknowledged between two samples
of the primary share one `Mark`; the next sample is sent after them, so the position that it brings is at or behind
every one of their commits.
"""

import math
from time import monotonic

from candlefish.client.postgres.lsn import Position


class Mark:
    """A write; `position` None: not known yet, so that only the primary is sure to have it."""

    __slots__ = ("forget_at", "position")

    def __init__(self, position: Position | None = None, forget_at: float = math.inf) -> None:
        self.position = position
        self.forget_at = forget_at


class Marks:
    """The mark that the next write gets, and those that wait for a position; `primary` is the last one known."""

    def __init__(self, remember_s: float) -> None:
        self.remember_s = remember_s
        self.primary = Position(0, 0)
        self._next = Mark()
        self._next_is_used = False
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

    def settle(self, primary: Position) -> None:
        """Give the answer to every write before the question; without an answer they wait for the next."""
        self.primary = primary
        for mark in self._waiting:
            mark.position = primary
            mark.forget_at = monotonic() + self.remember_s
        self._waiting.clear()

    def adopt(self, position: Position | None, age_s: float) -> Mark | None:
        """Return the mark of a write that was made elsewhere `age_s` ago, or None when that is long ago.

        A position that this primary is not known to have reached isn't waited for, since it may be of another cluster:
        the primary's next one takes its place, which is behind every write that the position can stand for.
        """
        if age_s >= self.remember_s:
            return None
        if position and self.primary.covers(position):
            return Mark(position, monotonic() + self.remember_s - age_s)
        return self.take()
