"""One library in one scenario: keys are raced on purpose; then what is kept is compared with the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Final

from candlefish import Database
from harness.door import Door
from harness.order import order
from peers import caches, interleavings
from peers.caches import Raced
from peers.entries import Entry
from peers.lost_postgres import postgres_lost
from peers.lost_redis import redis_lost
from peers.pressure import under_pressure
from peers.primary_door import door_to_primary
from peers.race import LAG_S, Crowd, Order, Race, patiently
from peers.unheard import unheard

AT_A_TIME: Final = 20
"""Keys that are raced at the same moment, where a scenario does not need all of them."""

UNHEARD_TOGETHER: Final = 100
"""Of the races that wait for the follower."""

SETTLED_S: Final = 2 * LAG_S
"""After which the replicas have replayed what was written."""


@dataclass(frozen=True, slots=True)
class RaceJob:
    """Who races on what: `door` leads to a Redis of the benchmark's own, `sentinel_url` to the tier's."""

    entry: Entry
    scenario: str
    door: Door
    sentinel_url: str
    write_url: str
    read_urls: list[str]
    admin_url: str
    keys: int
    seed: int


@dataclass(frozen=True, slots=True)
class RaceResult:
    """How many keys had an old value in the end, how many any value, how many loads were not kept, how many commits
    got no reply, and how many lookups no answer.
    """

    stale: int
    kept: int
    refused_fills: int
    unknown_commits: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a key is raced, and how many together (0: all).

    `tier_redis`: in the Redis of the tier, which can fail over. `evicts`: what is kept is looked at after each crowd,
    as the next one drives it out. `followed`: candlefish has its follower.
    """

    race: Callable[[Race], Awaitable[None]]
    together: int = AT_A_TIME
    tier_redis: bool = False
    evicts: bool = False
    followed: bool = False


POSTGRES_LOST: Final = "PostgreSQL fails over in the middle"
REDIS_LOST: Final = "Redis fails over, the last invalidations lost"
UNDER_PRESSURE: Final = "fences evicted under memory pressure"

SCENARIOS: Final = {
    "a commit during the load": Scenario(interleavings.plain),
    "replicas 200 ms behind": Scenario(interleavings.lagging),
    "replicas behind, fences gone": Scenario(interleavings.evicted),
    "a commit that waits 200 ms": Scenario(interleavings.waiting),
    "commits out of order": Scenario(interleavings.out_of_order),
    "writers cancelled": Scenario(interleavings.cancelled),
    UNDER_PRESSURE: Scenario(under_pressure, evicts=True),
    REDIS_LOST: Scenario(redis_lost, together=0, tier_redis=True),
    POSTGRES_LOST: Scenario(postgres_lost, together=0),
    "followed: a row changed in psql": Scenario(unheard("psql"), UNHEARD_TOGETHER, followed=True),
    "followed: the writer killed after its commit": Scenario(unheard("killed"), UNHEARD_TOGETHER, followed=True),
    "followed: Redis out of the writer's reach": Scenario(unheard("cut"), UNHEARD_TOGETHER, followed=True),
}


async def race_all(job: RaceJob, order: Order) -> RaceResult:
    """Race every key; `order` has deeds done to the tier."""
    scenario, random = SCENARIOS[job.scenario], Random(job.seed)
    name = "".join(filter(str.isalnum, f"{job.entry.label}{job.scenario}"))  # as a rule's {key} writes it, too
    keys = [f"{name}n{number}" for number in range(job.keys)]
    together = scenario.together or job.keys
    values: dict[str, tuple[int, int | None]] = {}
    races: list[Race] = []
    async with (
        _open_cache(job, tier_redis=scenario.tier_redis) as cache,
        Database(job.write_url, read_urls=job.read_urls, pool_size=2 * AT_A_TIME) as db,
    ):
        await db.executemany("insert into shelf values ($1, $2, 0)", [(key, part) for key in keys for part in (1, 2)])
        await asyncio.sleep(SETTLED_S)
        for first in range(0, job.keys, together):
            crowd = Crowd(keys[first : first + together], order, job.door)
            begun = [Race(db, cache, key, number, random, crowd) for number, key in enumerate(crowd.keys, first)]
            await asyncio.gather(*(scenario.race(race) for race in begun))
            races += begun
            if scenario.evicts:
                values |= await _compare(db, cache, crowd.keys)
        refused_fills = cache.refused_fills()
        if not scenario.evicts:
            values = await _compare(db, cache, keys)
    return RaceResult(
        stale=sum(kept is not None and kept != there for there, kept in values.values()),
        kept=sum(kept is not None for _, kept in values.values()),
        refused_fills=refused_fills,
        unknown_commits=sum(race.unknown_commits for race in races),
        unanswered=sum(race.unanswered for race in races),
    )


def run(job: RaceJob) -> RaceResult:
    """Race, in a process of its own."""
    return asyncio.run(race_all(job, order))


@asynccontextmanager
async def _open_cache(job: RaceJob, *, tier_redis: bool) -> AsyncIterator[Raced]:
    """Open a library with its options; the tier's Redis candlefish finds by its Sentinels, others by a door."""
    open_cache, options = getattr(caches, f"open_{job.entry.module}"), job.entry.options
    async with AsyncExitStack() as stack:
        if not tier_redis:
            cache = await open_cache(job.door, **options)
        elif job.entry.module == "candlefish":
            cache = await open_cache(job.door, sentinel_url=job.sentinel_url, **options)
        else:
            cache = await open_cache(await stack.enter_async_context(door_to_primary(job.sentinel_url)), **options)
        stack.push_async_callback(cache.close)
        yield cache


async def _compare(db: Database, cache: Raced, keys: list[str]) -> dict[str, tuple[int, int | None]]:
    """Return for each key what the primary has, and what the cache has kept."""
    await asyncio.sleep(SETTLED_S)
    rows = await patiently(
        lambda: db.fetch(
            "select key, sum(count)::int from shelf where key = any($1) group by key", keys, primary=True
        )
    )  # fmt: skip
    there = {row["key"]: row["sum"] for row in rows}
    return {key: (there[key], await patiently(lambda key=key: cache.kept(key))) for key in keys}  # type: ignore[misc]
