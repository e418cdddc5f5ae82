"""The cache under load while its Redis is killed, stopped or frozen."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any, Final

from candlefish import Cache, Database
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.faults import freeze_redis, kill_redis, redis_primary, start_redis, stop_redis, thaw_redis, wait_for_redis
from harness.samples import percentile
from loads.facts import Calls, Facts
from loads.timeline import longest_gap_s, times_of_growth

CALLERS, DIRECT = 10, 10
"""Those that ask the cache, fewer than the loads that it allows at a time while Redis is away (16): none waits for its
turn; and those that read the same rows without a cache, to compare."""

BEFORE_S, AWAY_S, AFTER_S = 4.0, 8.0, 4.0
"""Seconds of load before the fault, while Redis is away, and after the hits are back."""

WATCH_S: Final = 0.01
"""Seconds between two looks at the cache's counts."""

RETURN_S: Final = 60.0
"""Seconds in which hits have to come back by themselves: an election takes 2, an empty Redis asks nobody longer."""


@dataclass(slots=True)
class Watch:
    """The cache's counts over time."""

    hits: list[tuple[float, int]] = field(default_factory=list)
    opened_at: float | None = None

    def look(self, cache: Cache) -> None:
        """Take the counts of this moment."""
        stats, now = cache.stats(), perf_counter()
        self.hits.append((now, stats.hits))
        if stats.circuit_open and self.opened_at is None:
            self.opened_at = now


@dataclass(slots=True)
class Load:
    """Callers under way, of the cache and of the database."""

    cache: Cache
    calls: Calls
    direct: Calls
    watch: Watch

    def first_hit_after(self, moment: float) -> float:
        """Return when the first hit after a moment was counted; infinity when none was."""
        return next((at for at in times_of_growth(self.watch.hits) if at > moment), math.inf)

    async def hits_after(self, moment: float) -> bool:
        """Wait for a hit after a moment; False when none came in RETURN_S."""
        deadline = moment + RETURN_S
        while self.first_hit_after(moment) == math.inf:
            if perf_counter() > deadline:
                return False
            await asyncio.sleep(WATCH_S)
        return True


async def kill_primary(stack: Stack, endpoints: Endpoints, expected: dict[int, str]) -> dict[str, Any]:
    """Kill the primary; the Sentinels elect another."""
    node = await asyncio.to_thread(redis_primary, stack)
    async with _under_load(endpoints, expected) as load:
        killed_at = perf_counter()
        await asyncio.to_thread(kill_redis, stack, node)
        back = await load.hits_after(killed_at + 1.0)  # for less than that nobody has noticed
    return _row("Redis primary killed", load, back)


async def stop_all(stack: Stack, endpoints: Endpoints, expected: dict[int, str]) -> dict[str, Any]:
    """Stop every Redis and Sentinel, and start them again."""
    return await _take_away("all of Redis stopped", stack, endpoints, expected, stop_redis, start_redis)


async def freeze_all(stack: Stack, endpoints: Endpoints, expected: dict[int, str]) -> dict[str, Any]:
    """Let every Redis and Sentinel fall silent, and go on."""
    return await _take_away("all of Redis silent", stack, endpoints, expected, freeze_redis, thaw_redis)


async def _take_away(
    name: str,
    stack: Stack,
    endpoints: Endpoints,
    expected: dict[int, str],
    away: Callable[[Stack], None],
    back: Callable[[Stack], None],
) -> dict[str, Any]:
    async with _under_load(endpoints, expected) as load:
        await asyncio.to_thread(away, stack)
        away_at = perf_counter()
        await asyncio.sleep(AWAY_S)
        called_at = perf_counter()
        await asyncio.to_thread(back, stack)
        await asyncio.to_thread(wait_for_redis, stack)
        back_at = perf_counter()
        came_back = await load.hits_after(called_at)
    row = _row(name, load, came_back)
    opened = max(load.watch.opened_at or called_at, away_at)
    row |= _compare(load.calls.between(opened, called_at), load.direct.between(opened, called_at)) | {
        "redis_back_after_s": back_at - called_at,
        "hits_after_redis_s": max(0.0, load.first_hit_after(called_at) - back_at) if came_back else None,
    }
    return row


@contextlib.asynccontextmanager
async def _under_load(endpoints: Endpoints, expected: dict[int, str]) -> AsyncIterator[Load]:
    """Keep callers asking from BEFORE_S before the body until AFTER_S after it."""
    calls, direct, watch, random = Calls(), Calls(), Watch(), Random(1)
    async with (
        Database(endpoints.main_url, read_urls=endpoints.read_urls) as db,
        Cache(sentinel_url=endpoints.sentinel_url) as cache,
        asyncio.TaskGroup() as group,
    ):
        facts = Facts(db, expected)
        for _ in range(CALLERS):
            group.create_task(facts.call_cache(cache, calls, random))
        for _ in range(DIRECT):
            group.create_task(facts.read_database(direct, random))
        group.create_task(_look(cache, watch, calls))
        try:
            await asyncio.sleep(BEFORE_S)
            yield Load(cache, calls, direct, watch)
            await asyncio.sleep(AFTER_S)
        finally:
            calls.finished = direct.finished = True


async def _look(cache: Cache, watch: Watch, calls: Calls) -> None:
    while not calls.finished:
        watch.look(cache)
        await asyncio.sleep(WATCH_S)


def _compare(took: list[float], direct: list[float]) -> dict[str, Any]:
    """Give what a call through the cache took more than the same read without it, while the circuit was open."""
    if not took or not direct:
        return {"calls_while_open": 0, "added_p50_ms": None, "added_p99_ms": None}
    return {
        "calls_while_open": len(took),
        "added_p50_ms": (percentile(took, 0.50) - percentile(direct, 0.50)) * 1e3,
        "added_p99_ms": (percentile(took, 0.99) - percentile(direct, 0.99)) * 1e3,
    }


def _row(name: str, load: Load, back: bool) -> dict[str, Any]:
    answers = load.calls.answers
    took = sorted(call.took_s for call in answers)
    return {
        "scenario": name,
        "library": "candlefish",
        "tasks": CALLERS,
        "calls": len(answers),
        "errors": load.calls.errors.total + load.direct.errors.total,
        "error_kinds": dict(load.calls.errors.kinds + load.direct.errors.kinds),
        "error_examples": load.calls.errors.examples | load.direct.errors.examples,
        "wrong": load.calls.wrong + load.direct.wrong,
        "longest_call_s": took[-1],
        "longest_gap_s": longest_gap_s(call.at for call in answers),
        "without_hits_s": longest_gap_s(times_of_growth(load.watch.hits)),
        "hits_came_back": back,
        "p50_ms": percentile(took, 0.50) * 1e3,
        "p99_ms": percentile(took, 0.99) * 1e3,
    }
