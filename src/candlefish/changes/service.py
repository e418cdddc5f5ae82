"""The follower as a whole: from the database's changes to the cache, and how far it is."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from candlefish.changes.follow import ChangeFollower
from candlefish.changes.moment import Moments
from candlefish.changes.redis_sink import RedisSink
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.redis.address import ClusterAddress
from candlefish.client.redis.client import Address, Redis
from candlefish.client.rules import Rule
from candlefish.errors import CacheUnavailable, EngineError

TELL_S: Final = 1.0
"""Seconds between two words about the progress."""

REDIS_S: Final = 5.0
"""Seconds after which a silent Redis counts as away: nobody waits for the follower as a request waits for a cache."""

log = logging.getLogger("changes")


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where: the database and its slot, the rules, the cache and its prefix."""

    source: Source
    rules: tuple[Rule, ...]
    cache: Address
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the follower is; it has counted since it began.

    `lag_s` is the age of the oldest change that is being dealt with, `lag_bytes` the WAL up to the present,
    `everything` how often a change made all stale, `known_lsn` the place on `timeline` before which nothing is missing.
    """

    at: str
    changes: int
    rows: int
    keys: int
    tags: int
    everything: int
    gaps: int
    restarts: int
    lag_s: float
    lag_bytes: int
    redis_is_up: bool
    timeline: int
    known_lsn: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an earlier follower was."""

    timeline: int
    known_lsn: int


async def follow(route: Route, tell: Callable[[Progress], None], reached: Reached | None = None) -> None:
    """Follow until cancelled; raise CheckFailed when the rules do not fit the database."""
    moments = Moments(route.source)
    redis = Redis(route.cache, timeout_s=REDIS_S)
    sink = RedisSink(redis, moments, route.prefix, sharded=isinstance(route.cache, ClusterAddress))
    stream = ChangeStream(route.source, route.rules, since=await _choose_since(moments, reached))
    follower = ChangeFollower(stream, sink)
    telling = asyncio.create_task(_tell_often(follower, redis, tell))
    try:
        with suppress(CacheUnavailable):  # the sink waits for it
            await redis.open()
        await follower.run()
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await redis.close()
        await moments.close()


async def _choose_since(moments: Moments, reached: Reached | None) -> int | None:
    """Return where the slot may not be beyond; None where only its earlier reader can have moved it.

    After a failover it may be another slot: Patroni makes a missing one anew, where the WAL ends.
    """
    if reached is None:
        return None
    try:
        moment = await moments.fetch()
    except EngineError:  # the database is away: perhaps it fails over
        return reached.known_lsn
    return reached.known_lsn if moment.timeline != reached.timeline else None


async def _tell_often(follower: ChangeFollower, redis: Redis, tell: Callable[[Progress], None]) -> None:
    while True:
        await asyncio.sleep(TELL_S)
        tell(_measure(follower, redis))


def _measure(follower: ChangeFollower, redis: Redis) -> Progress:
    counts, stream = follower.counts, follower.stream
    return Progress(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        changes=counts.changes, rows=counts.rows, keys=counts.keys, tags=counts.tags, everything=counts.everything,
        gaps=counts.gaps, restarts=stream.restarts, lag_s=round(follower.lag_s, 3), lag_bytes=stream.lag_bytes,
        redis_is_up=redis.up, timeline=stream.timeline, known_lsn=stream.known_lsn,
    )  # fmt: skip
