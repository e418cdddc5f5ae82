"""Read a stream in a test until enough has come."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from candlefish.changes.change import Change, Gap
from candlefish.changes.follow import ChangeFollower
from candlefish.changes.stream import ChangeStream

Names = tuple[tuple[str, ...], tuple[str, ...]]


async def read(stream: ChangeStream, is_enough: Callable[[list[Change]], bool]) -> list[Change]:
    """Return the changes that come until there are enough; all are confirmed but those of the last batch."""
    changes: list[Change] = []
    batches = stream.batches()
    try:
        async for batch in batches:
            assert not isinstance(batch, Gap), batch.reason
            changes += batch
            if is_enough(changes):
                break
            stream.confirm(batch[-1].end_lsn)
    finally:
        await batches.aclose()
    return changes


async def read_count(stream: ChangeStream, count: int) -> list[Change]:
    """Return the first changes that come."""
    return (await read(stream, lambda changes: len(changes) >= count))[:count]


@dataclass(slots=True)
class Recorder:
    """A sink that keeps what it was told, in order; `gap` stands for a gap."""

    told: list[Change | str] = field(default_factory=list)

    async def invalidate(self, changes: Sequence[Change]) -> None:
        """Keep the changes."""
        self.told += changes

    async def gap(self) -> None:
        """Keep that there was a gap."""
        self.told.append("gap")

    @property
    def keys(self) -> list[str]:
        """Return all keys that were told, in order."""
        return [key for change in self.told if isinstance(change, Change) for key in change.invalidations.keys]


@asynccontextmanager
async def following(stream: ChangeStream) -> AsyncIterator[tuple[ChangeFollower, Recorder]]:
    """Run a follower beside the test."""
    recorder = Recorder()
    follower = ChangeFollower(stream, recorder)
    task = asyncio.create_task(follower.run())
    try:
        yield follower, recorder
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(holds: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110  # it happens in a server, which sets no event here
            await asyncio.sleep(0.02)


def names(change: Change) -> Names:
    """Return the keys and tags of a change."""
    return change.invalidations.keys, change.invalidations.tags
