"""The follower's loop: stream to sink, then confirm."""

import time
from dataclasses import dataclass, field

from candlefish.changes.change import Change, Gap
from candlefish.changes.sink import Sink
from candlefish.changes.stream import ChangeStream


@dataclass(slots=True)
class Counts:
    """What the follower has done since it began; `lag_s` is the age of the last change when it was dealt with."""

    changes: int = 0
    rows: int = 0
    keys: int = 0
    tags: int = 0
    everything: int = 0
    gaps: int = 0
    restarts: int = 0
    lag_s: float = 0.0
    confirmed_lsn: int = 0

    def add(self, changes: tuple[Change, ...]) -> None:
        """Count a batch that has been dealt with."""
        self.changes += len(changes)
        for change in changes:
            self.rows += change.rows
            self.keys += len(change.invalidations.keys)
            self.tags += len(change.invalidations.tags)
            self.everything += change.invalidations.everything
        self.lag_s = max(0.0, time.time() - changes[-1].committed_at.timestamp())


@dataclass(slots=True)
class ChangeFollower:
    """Hand every committed change to a sink, and confirm it once the sink has dealt with it.

    A sink that raises ends the follower, and what it raised goes on to the caller: nothing is confirmed that the sink
    has not dealt with, so the next follower begins there.
    """

    stream: ChangeStream
    sink: Sink
    counts: Counts = field(default_factory=Counts)
    _in_hand_since: float | None = None

    @property
    def lag_s(self) -> float:
        """Return the age of the oldest change that is being dealt with now; 0 when there is none."""
        return 0.0 if self._in_hand_since is None else max(0.0, time.time() - self._in_hand_since)

    async def run(self) -> None:
        """Follow until the task is cancelled, or the sink fails."""
        batches = self.stream.batches()
        try:
            async for batch in batches:
                await self._deal_with(batch)
                self.counts.restarts = self.stream.restarts
                self.counts.confirmed_lsn = self.stream.confirmed_lsn
        finally:
            await batches.aclose()

    async def _deal_with(self, batch: tuple[Change, ...] | Gap) -> None:
        if isinstance(batch, Gap):
            await self.sink.gap()
            self.counts.gaps += 1
        else:
            self._in_hand_since = batch[0].committed_at.timestamp()
            await self.sink.invalidate(batch)
            self._in_hand_since = None
            self.stream.confirm(batch[-1].end_lsn)
            self.counts.add(batch)
