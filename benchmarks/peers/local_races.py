"""Writes and reads raced by processes that each have a local tier: what a process of `local_tier.py --races` does."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Final

from candlefish import Cache
from harness.door import Door
from harness.loops import run_on

KEYS: Final = 1000
LOCAL_BYTES: Final = 64_000_000
AT_ONCE: Final = 50

SETTLE_S: Final = 1.0
"""After the last write of all: twenty times what a push may take."""

PAUSE_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class LocalRace:
    """One process of a race."""

    door: Door
    number: int
    processes: int
    writes: int


@dataclass(frozen=True, slots=True)
class LocalRaceResult:
    """What the process did, and how many keys its local tier had wrong at the end."""

    writes: int
    lookups: int
    local_hits: int
    stale: int


def race(job: LocalRace) -> LocalRaceResult:
    """Write and read until all processes have written, then compare the local tier with Redis."""
    return run_on("uvloop", _race(job))


async def _race(job: LocalRace) -> LocalRaceResult:
    random, keys = Random(job.number), [f"raced:{number}" for number in range(KEYS)]
    async with Cache(job.door.url(), local_max_bytes=LOCAL_BYTES) as cache, Cache(job.door.url()) as plain:
        await _meet(plain, job, "ready")
        reading = [asyncio.create_task(_read(cache, keys, random)) for _ in range(4)]
        for first in range(0, job.writes, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, job.writes))
            await asyncio.gather(*[_write(cache, random.choice(keys), job.number, number) for number in numbers])
        await _meet(plain, job, "written")
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        await asyncio.sleep(SETTLE_S)
        stale = sum([await cache.get(key) != await plain.get(key) for key in keys])
        stats = cache.stats()
        return LocalRaceResult(job.writes, stats.hits + stats.misses, stats.local_hits, stale)


async def _write(cache: Cache, key: str, process: int, number: int) -> None:
    if number % 4 == 0:
        await cache.delete(key)
    else:
        await cache.set(key, [process, number])


async def _read(cache: Cache, keys: list[str], random: Random) -> None:
    while True:
        await cache.get_many(random.sample(keys, AT_ONCE))
        for key in random.sample(keys, AT_ONCE):
            await cache.get(key)
        await asyncio.sleep(0)


async def _meet(cache: Cache, job: LocalRace, place: str) -> None:
    """Return when every process of the race has come here."""
    await cache.set(f"{place}:{job.number}", 1)
    names = [f"{place}:{number}" for number in range(job.processes)]
    while len(await cache.get_many(names)) < job.processes:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(PAUSE_S)
