"""What a load has to see before its value may be kept, and what its statements saw: the cache asks, `Database` answers.

Neither knows the other. The cache runs a loader `under` a fence; each statement that the loader sends through
`Database` is proved to see it, or says that it was not. A loader that asks nothing of `Database` proves nothing.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple, Protocol

UNKNOWN_SYSTEM: Final = "-"
"""Stands where no statement has said yet which PostgreSQL cluster a cache keeps the rows of."""


class Writer(NamedTuple):
    """A transaction, by the timeline on which it ran and its full id (xid8): ids of two timelines do not compare."""

    timeline: int
    xid: int


class Floor(NamedTuple):
    """A place in the WAL at or behind every invalidated commit: whoever has replayed it has seen them all."""

    timeline: int
    lsn: int


class Fence(NamedTuple):
    """What a load has to see: all up to `floor` (None: all that the primary has now), and the end of each writer."""

    system: str
    floor: Floor | None
    writers: tuple[Writer, ...] = ()


NO_FENCE: Final = Fence(UNKNOWN_SYSTEM, None)
"""Of a key about which nothing is known: a load has to see what the primary has now."""


class Place(NamedTuple):
    """Where the primary was before a load read from it: the `system` is its database system identifier."""

    system: str
    floor: Floor


class Snapshot(NamedTuple):
    """Who had ended when it was taken on the primary: all below `xmin`, and below `xmax` all but the `running`."""

    xmin: int
    xmax: int
    running: tuple[int, ...]


class Written(NamedTuple):
    """A transaction just before its commit: what ended before it had its commit at or before `lsn`."""

    system: str
    writer: Writer
    lsn: int
    snapshot: Snapshot


class Invalidation(Protocol):
    """What a transaction's commit makes invalid."""

    async def announce(self, written: Written) -> None:
        """Invalidate before the commit: from now on nothing is kept that was read before it."""

    def confirm(self, written: Written | None) -> "asyncio.Task[None]":
        """Invalidate after the commit, or what may be one, in a task that outlives a cancelled caller."""


class Load:
    """One run of a loader: the fence it stands under, and what became of its statements."""

    __slots__ = ("fence", "place", "refused")

    def __init__(self, fence: Fence) -> None:
        self.fence = fence
        self.refused = False
        self.place: Place | None = None

    def note_proved(self, place: Place | None = None) -> None:
        """Note a statement that saw the fence; the oldest `place` of several counts."""
        if place is None:
            return
        if self.place is None:
            self.place = place
        elif place.system != self.place.system:
            self.refused = True  # rows of two databases: one fence cannot stand for both
        else:
            self.place = min(self.place, place)

    def refuse(self) -> None:
        """Note a statement that may have seen less than the fence: what is loaded may be answered, not kept."""
        self.refused = True


_CURRENT: ContextVar[Load | None] = ContextVar("load", default=None)

current_load = _CURRENT.get
"""Return the load that this context is part of, or None."""


@contextmanager
def under(fence: Fence) -> Iterator[Load]:
    """Run a loader under a fence, with all tasks that it starts."""
    load = Load(fence)
    token = _CURRENT.set(load)
    try:
        yield load
    finally:
        _CURRENT.reset(token)


def join_fences(fences: list[Fence]) -> Fence:
    """Return what one loader of several keys has to see: all of it."""
    systems = {fence.system for fence in fences}
    floors = [fence.floor for fence in fences if fence.floor is not None]
    alike = len(systems) == 1
    return Fence(
        system=systems.pop() if alike else UNKNOWN_SYSTEM,
        floor=max(floors) if alike and len(floors) == len(fences) else None,
        writers=tuple(dict.fromkeys(writer for fence in fences for writer in fence.writers)),
    )
