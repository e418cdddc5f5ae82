"""Races over which Redis is filled up until all that stands beside the entries is evicted: three ways, by number."""

import asyncio
from typing import Final

import redis.asyncio as redis

from peers.race import LAG_S, Race

ROOM_BYTES: Final = 2**20
"""What fits into Redis before it evicts: the less, the sooner the fences are gone, while replicas are still behind."""

GARBAGE_BYTES: Final = 10_000
AT_ONCE: Final = 10
"""The size of a value that nobody needs, and how many of them are sent together."""

ROUNDS: Final = 2000
"""After so many nothing will be evicted any more: 33 to 90 were enough (nine floods)."""


async def under_pressure(race: Race) -> None:
    """Race a key in its way, and ask for it once more."""
    await WAYS[race.number % len(WAYS)](race)
    await race.ask_on()


async def _evicted_after_the_write(race: Race) -> None:
    """Load from replicas that are behind, with nothing left in Redis that says so."""
    await race.ask()
    await race.write()
    await _evict(race)
    await race.ask_on()


async def _evicted_under_the_load(race: Race) -> None:
    """Let a loader read, a write commit, Redis evict everything, and then the loader come back."""
    held = asyncio.Event()
    asking = asyncio.create_task(race.ask_on(until=held))  # dogpile.cache raises when its lock is gone
    await race.has_read.wait()
    await race.write()
    await _evict(race)
    held.set()
    await asking


async def _evicted_under_the_commit(race: Race) -> None:
    """Evict between the announcement and the end of a commit that waits, and load from the primary meanwhile."""
    await race.ask()
    writing = asyncio.create_task(race.write(race.update_and_wait))
    await asyncio.sleep(LAG_S / 4)
    await _evict(race)
    asking = asyncio.create_task(race.ask_on(primary=True))
    await writing
    await asking


async def _evict(race: Race) -> None:
    """Fill Redis up until the fences of the crowd's keys are gone, and as many keys that are younger than they are."""

    async def evict() -> None:
        fences, witnesses = race.cache.fences(race.crowd.keys), [f"{key}:witness" for key in race.crowd.keys]
        async with redis.Redis(**race.crowd.door.parts()) as client:
            if fences and not await client.exists(*fences):
                raise RuntimeError("there is no fence that could be evicted")
            await client.mset(dict.fromkeys(witnesses, "here"))
            await fill_up(client, [*fences, *witnesses])

    await race.crowd.meet(evict)


async def fill_up(client: "redis.Redis", names: list[str]) -> None:
    """Write what nobody needs until Redis has evicted all of `names`, and take that away again."""
    used = int((await client.info("memory"))["used_memory"])
    await client.config_set("maxmemory-policy", "allkeys-lru")
    await client.config_set("maxmemory", used + ROOM_BYTES)
    written = 0
    while await client.exists(*names):
        if written == ROUNDS * AT_ONCE:
            raise RuntimeError("Redis does not evict the fences")
        await client.mset({f"garbage:{written + number}": bytes(GARBAGE_BYTES) for number in range(AT_ONCE)})
        written += AT_ONCE
    for first in range(0, written, AT_ONCE):
        await client.unlink(*(f"garbage:{first + number}" for number in range(AT_ONCE)))
    await client.config_set("maxmemory", 0)


WAYS: Final = (_evicted_after_the_write, _evicted_under_the_load, _evicted_under_the_commit)
