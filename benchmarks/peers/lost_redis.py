"""Races over which the Redis primary dies, and what is promoted lacks the last invalidations: four ways, by number.

All meet three times: when what comes before is done and the replicas of Redis, which have it all, are cut off; when the
primary, which alone has the invalidations, is killed and a replica promoted; and when everyone has come back.
"""

import asyncio
from typing import Final

from peers.race import Race

RETURN_S: Final = 3.0
"""Given to every library to connect again: without it candlefish had kept nothing in one run of the test."""


async def redis_lost(race: Race) -> None:
    """Race a key in its way, and ask for it once more: nothing is kept while Redis cannot be reached."""
    await WAYS[race.number % len(WAYS)](race)
    await race.crowd.meet()
    await asyncio.sleep(RETURN_S)
    await race.ask_on()


async def _entry_comes_back(race: Race) -> None:
    """Have the promoted replica hold the entry that the write has deleted."""
    await race.ask_on()
    await _cut(race)
    await race.write()
    await _promote(race)
    await race.ask_on()


async def _lease_comes_back(race: Race) -> None:
    """Have it hold the lease of a load that has read before the write, and let that load come back."""
    held = asyncio.Event()
    asking = asyncio.create_task(race.ask_on(until=held))
    await race.has_read.wait()
    await _cut(race)
    await race.write()
    await _promote(race)
    held.set()
    await asking


async def _newer_entry_is_lost(race: Race) -> None:
    """Have it hold the entry that was loaded before the write, though a newer one was loaded since."""
    await race.ask_on()
    await _cut(race)
    await race.write()
    await race.ask_on()
    await _promote(race)
    await race.ask_on()


async def _load_that_it_never_saw(race: Race) -> None:
    """Begin a load that the replica knows nothing of, write, and let the load come back to the promoted one."""
    held = asyncio.Event()
    await _cut(race)
    asking = asyncio.create_task(race.ask_on(until=held))
    await race.has_read.wait()
    await race.write()
    await _promote(race)
    held.set()
    await asking


async def _cut(race: Race) -> None:
    await race.crowd.meet(lambda: race.crowd.order("cut redis"))


async def _promote(race: Race) -> None:
    await race.crowd.meet(lambda: race.crowd.order("kill redis"))


WAYS: Final = (_entry_comes_back, _lease_comes_back, _newer_entry_is_lost, _load_that_it_never_saw)
