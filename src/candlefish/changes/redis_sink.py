"""The cache in Redis as a sink of changes: keys and tags are forgotten under the same fence as in `Cache.invalidate`.

The stream sends a commit as soon as it stands in the WAL. It may still wait for its synchronous standby, and then
nobody sees it: a load would read the old row, from the primary too. So its transaction is named in the fence of each
place, and a batch is dealt with only when the primary has said that all of its transactions have ended; a place whose
fence was lost in between is forgotten once more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from candlefish.changes.change import Change
from candlefish.changes.flush import Flush
from candlefish.changes.moment import Moment, Moments
from candlefish.changes.places import ANNOUNCE_PLACES, CONFIRM_PLACES, Mark, cut, names_of
from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.fences import Fences
from candlefish.client.aside.keys import name_tag
from candlefish.client.fence import Writer
from candlefish.client.redis.client import Argument, Redis, Script
from candlefish.errors import CacheUnavailable, EngineError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 1.0
"""Seconds between two attempts while Redis or the primary is away: a failover of either takes seconds."""

FIRST_LOOK_S, LONGEST_LOOK_S = 0.001, 0.05
"""Seconds between two looks at a transaction that has not ended: its standby answers within a millisecond or two."""

PATIENCE_S: Final = 5.0
"""Seconds of looking after which the primary is found anew: a server that was deposed sees the end of nothing new."""

log = logging.getLogger("changes")


class RedisSink:
    """Make the cache of one prefix forget. While Redis is away it waits, and so nothing is confirmed."""

    def __init__(self, redis: Redis, moments: Moments, prefix: str, *, sharded: bool = False) -> None:
        self._redis = redis
        self._moments = moments
        self._prefix = prefix
        self._sharded = sharded
        self._fences = Fences(prefix, sharded=sharded)
        self._flush = Flush(redis, prefix, sharded=sharded)

    async def invalidate(self, changes: Sequence[Change]) -> None:
        """Forget the keys and tags of these transactions, and return when all of them have ended.

        Where one of them makes everything stale, all is forgotten after it has ended: no fence could name it.
        """
        moment = await self._look()
        if any(change.invalidations.everything for change in changes):
            await self._until_ended({moment.name_writer(change.xid, change.timeline) for change in changes})
            await self.gap()
            return
        marks = collect(changes, moment, self._prefix)
        if not marks:
            return
        await self._insist(lambda: self._announce(marks, moment, changes[-1].end_lsn))
        open_marks = [mark for mark in marks if not moment.has_ended(mark.writer)]
        if open_marks:
            await self._until_ended({mark.writer for mark in open_marks})
            await self._insist(lambda: self._confirm(open_marks))

    async def gap(self) -> None:
        """Forget everything: what was missed is visible, as making the slot waited for it."""
        await self._insist(self._flush.run)

    async def _announce(self, marks: Sequence[Mark], moment: Moment, end_lsn: int) -> None:
        seen = moment.on(marks[0].writer.timeline)  # all of a batch were sent by one server
        xmin, xmax, running = seen.snapshot
        shared: tuple[Argument, ...] = (
            make_stamp().hex(), seen.system, seen.timeline, "", max(seen.lsn, end_lsn), xmin, xmax,
            f",{','.join(map(str, running))},",
        )  # fmt: skip
        await self._run(ANNOUNCE_PLACES, marks, shared, lambda mark: mark.writer.xid)

    async def _confirm(self, marks: Sequence[Mark]) -> None:
        shared = (make_stamp().hex(), "")
        await self._run(CONFIRM_PLACES, marks, shared, lambda mark: f"{mark.writer.timeline}.{mark.writer.xid}")

    async def _run(
        self, script: Script, marks: Sequence[Mark], shared: Sequence[Argument], own: Callable[[Mark], Argument]
    ) -> None:
        calls = []
        for some in cut(marks, sharded=self._sharded):
            keys = [name for mark in some for name in names_of(mark.place, self._fences)]
            args = (self._redis.epoch_of(keys[0]), *shared, *map(own, some))
            calls.append(self._redis.eval(script, keys, args))
        await asyncio.gather(*calls)

    async def _insist(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it until Redis has taken it, all of it under one epoch: what an earlier primary was told may be lost."""
        wait_s, away = FIRST_WAIT_S, False
        while True:
            before = self._redis.reconnects
            try:
                await work()
            except CacheUnavailable as error:
                if not away:
                    log.warning("redis does not take the changes: %s", error)
                away = True
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            if self._redis.reconnects == before:
                break
        if away:
            log.info("redis takes the changes again")

    async def _look(self) -> Moment:
        """Return a moment of the primary: the present one, or an earlier one while it is away."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                return await self._moments.fetch()
            except EngineError as error:
                if self._moments.last is not None:
                    return self._moments.last
                log.warning("%s", error)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _until_ended(self, writers: set[Writer]) -> None:
        wait_s, waited_s = FIRST_LOOK_S, 0.0
        while writers := {writer for writer in writers if not (await self._look()).has_ended(writer)}:
            await asyncio.sleep(wait_s)
            waited_s += wait_s
            wait_s = min(2 * wait_s, LONGEST_LOOK_S)
            if waited_s > PATIENCE_S:
                log.warning("%d transactions in the stream have not ended for %.0f s", len(writers), waited_s)
                await self._moments.close()
                waited_s = 0.0


def collect(changes: Sequence[Change], moment: Moment, prefix: str) -> list[Mark]:
    """Return each place that changes name with the transactions that its fence has to name, oldest first.

    These are all that have not ended, and at least the newest.
    """
    places: dict[str, list[Writer]] = {}
    for change in changes:
        writer = moment.name_writer(change.xid, change.timeline)
        for key in change.invalidations.keys:
            places.setdefault(prefix + key, []).append(writer)
        for tag in change.invalidations.tags:
            places.setdefault(name_tag(prefix, tag), []).append(writer)
    return [Mark(place, writer) for place, writers in places.items() for writer in _still_open(writers, moment)]


def _still_open(writers: list[Writer], moment: Moment) -> list[Writer]:
    if len(writers) == 1:
        return writers
    return [writer for writer in writers if not moment.has_ended(writer)] or writers[-1:]
