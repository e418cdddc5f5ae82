"""One library in one scenario: 500 keys, each raced on purpose; then what is kept is compared with the database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from candlefish import Database, Transaction
from harness.door import Door
from peers import caches
from peers.caches import Raced
from peers.entries import Entry

AT_A_TIME: Final = 20
"""Keys that are raced at the same moment."""

LAG_S: Final = 0.2
"""By which each replica is behind, and for which a commit waits that waits for them to replay it."""

READ = "select sum(count)::int from shelf where key = $1"
UPDATE = "update shelf set count = count + 1 where key = $1 and part = $2"


@dataclass(frozen=True, slots=True)
class RaceJob:
    """Who races on what."""

    entry: Entry
    scenario: str
    door: Door
    write_url: str
    read_urls: list[str]
    keys: int
    seed: int


@dataclass(frozen=True, slots=True)
class RaceResult:
    """How many keys had an old value to the end, how many any value, and how many loads were not kept."""

    stale: int
    kept: int
    refused_fills: int


@dataclass(slots=True)
class Race:
    """One key and all that can happen to it."""

    db: Database
    cache: Raced
    key: str
    random: Random
    has_read: asyncio.Event = field(default_factory=asyncio.Event)

    async def load(self, *, primary: bool = False, until: Awaitable[object] | None = None) -> int:
        """Read the row, as a loader does, and come back with it when something else has happened."""
        value = await self.db.fetchval(READ, self.key, primary=primary)
        self.has_read.set()
        if until is not None:
            await until
        return int(value)

    async def ask(self, *, primary: bool = False, until: Awaitable[object] | None = None) -> int:
        """Ask the cache in a context that has written nothing."""
        return await asyncio.create_task(
            self.cache.get_or_load(self.key, partial(self.load, primary=primary, until=until))
        )

    async def update(self, tx: Transaction, part: int = 1) -> None:
        """Change a part of the value."""
        await tx.execute(UPDATE, self.key, part)

    async def write(self) -> None:
        """Change the value as an application does."""
        await asyncio.create_task(self.cache.write(self.db, self.key, self.update))

    async def pause(self, up_to_s: float) -> None:
        """Wait for a time that no other key waits for."""
        await asyncio.sleep(self.random.uniform(0, up_to_s))


async def plain(race: Race) -> None:
    """Let a loader read, then a write commit and invalidate, then the loader come back."""
    written = asyncio.Event()
    asking = asyncio.create_task(race.ask(primary=True, until=written.wait()))
    await race.has_read.wait()
    await race.write()
    written.set()
    await asking
    await race.ask(primary=True)


async def lagging(race: Race) -> None:
    """Load from replicas that have not replayed the write."""
    await race.ask()
    await race.write()
    await race.pause(LAG_S)
    await race.ask()


async def evicted(race: Race) -> None:
    """Load from such replicas after Redis has dropped all that stands beside the entries."""
    await race.ask()
    await race.write()
    await race.cache.evict_fences()
    await race.pause(LAG_S)
    await race.ask()


async def waiting(race: Race) -> None:
    """Load from the primary while the commit waits for its standbys, and after it."""

    async def update(tx: Transaction) -> None:
        await tx.execute("set local synchronous_commit = remote_apply")
        await race.update(tx)

    writing = asyncio.create_task(race.cache.write(race.db, race.key, update))
    done = asyncio.Event()
    await race.pause(LAG_S)
    asking = asyncio.create_task(race.ask(primary=True, until=done.wait()))
    await writing
    await race.pause(LAG_S / 4)
    done.set()
    await asking
    await race.ask(primary=True)


async def out_of_order(race: Race) -> None:
    """Load between two writers of the value: who began first commits last."""
    first_wrote, second_done = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await race.update(tx, 1)
        first_wrote.set()
        await second_done.wait()

    first = asyncio.create_task(race.cache.write(race.db, race.key, slow))
    await first_wrote.wait()
    await asyncio.create_task(race.cache.write(race.db, race.key, partial(race.update, part=2)))
    ended = asyncio.Event()
    asking = asyncio.create_task(race.ask(primary=True, until=ended.wait()))
    await race.has_read.wait()
    second_done.set()
    await first
    ended.set()
    await asking
    await race.ask()


async def cancelled(race: Race) -> None:
    """Cancel the writer at one of its awaits."""
    await race.ask(primary=True)
    writing = asyncio.create_task(race.cache.write(race.db, race.key, race.update))
    for _ in range(race.random.randrange(40)):
        await asyncio.sleep(0)
    await race.pause(0.003)
    writing.cancel()
    await asyncio.wait([writing])
    await race.ask(primary=True)


SCENARIOS: Final[dict[str, Callable[[Race], Awaitable[None]]]] = {
    "a commit during the load": plain,
    "replicas 200 ms behind": lagging,
    "replicas behind, fences gone": evicted,
    "a commit that waits 200 ms": waiting,
    "commits out of order": out_of_order,
    "writers cancelled": cancelled,
}


async def _run(job: RaceJob) -> RaceResult:
    open_cache = getattr(caches, f"open_{job.entry.module}")
    cache: Raced = await open_cache(job.door, **job.entry.options)
    random, scenario = Random(job.seed), SCENARIOS[job.scenario]
    async with Database(job.write_url, read_urls=job.read_urls, pool_size=2 * AT_A_TIME) as db:
        races = [Race(db, cache, f"{job.scenario}:{number}", random) for number in range(job.keys)]
        await db.executemany(
            "insert into shelf values ($1, $2, 0) on conflict do nothing",
            [(race.key, part) for race in races for part in (1, 2)],
        )
        await asyncio.sleep(2 * LAG_S)
        for first in range(0, len(races), AT_A_TIME):
            await asyncio.gather(*(scenario(race) for race in races[first : first + AT_A_TIME]))
        await asyncio.sleep(2 * LAG_S)
        values = {row["key"]: row["sum"] for row in await db.fetch(
            "select key, sum(count)::int from shelf group by key", primary=True
        )}  # fmt: skip
        kept = [(race.key, await cache.kept(race.key)) for race in races]
    stale = sum(value is not None and value != values[key] for key, value in kept)
    return RaceResult(stale, sum(value is not None for _, value in kept), cache.refused_fills())


def run(job: RaceJob) -> RaceResult:
    """Race, in a process of its own."""
    return asyncio.run(_run(job))
