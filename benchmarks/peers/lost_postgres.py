"""Races over which the PostgreSQL primary is killed and a replica is promoted: one key in four ways, by its number.

All meet four times: when what comes before is done, when the last writes are committed, when the primary is dead, and
when there is another one.
"""

import asyncio
from typing import Final

from peers.race import LAG_S, Race

RETURN_S: Final = 3.0
"""Within which loads that were held up come back: some before the promotion, most after it (2 s at the least)."""


async def postgres_lost(race: Race) -> None:
    """Race a key in its way, and ask for it once more at the new primary's replicas."""
    await WAYS[race.number % len(WAYS)](race)
    await race.crowd.meet(lambda: race.crowd.order("await postgres"))
    await race.ask_on()


async def _load_over_it_after_a_write(race: Race) -> None:
    """Let a loader read, a write commit, the primary die, and then the loader come back."""
    held = asyncio.Event()
    asking = asyncio.create_task(race.ask_on(primary=True, until=held))
    await race.has_read.wait()
    await race.crowd.meet()
    await race.write()
    await race.crowd.meet()
    await _primary_dies(race)
    await race.pause(RETURN_S)
    held.set()
    await asking


async def _load_over_it_before_a_write(race: Race) -> None:
    """Let a loader read, the primary die, a write commit at the next one, and then the loader come back."""
    held = asyncio.Event()
    asking = asyncio.create_task(race.ask_on(primary=True, until=held))
    await race.has_read.wait()
    await race.crowd.meet()
    await race.crowd.meet()
    await _primary_dies(race)
    await race.write_on()
    held.set()
    await asking


async def _commit_under_way(race: Race) -> None:
    """Kill the primary while a commit waits for the standbys, and load from these, who may replay it or not."""
    await race.ask()
    await race.crowd.meet()
    await race.crowd.meet()
    writing = asyncio.create_task(race.write_on(race.update_and_wait))
    await _primary_dies(race)
    await race.ask_on()
    await writing


async def _committed_just_before(race: Race) -> None:
    """Kill the primary when the standbys have the commit and have not replayed it; load from them."""
    await race.ask()
    await race.crowd.meet()
    await race.write()
    await race.crowd.meet()
    await _primary_dies(race)
    await race.ask_on()


async def _primary_dies(race: Race) -> None:
    async def kill() -> None:
        await asyncio.sleep(LAG_S / 2)  # the commits that were begun at the last meeting are under way, none has ended
        await race.crowd.order("kill postgres")

    await race.crowd.meet(kill)


WAYS: Final = (_load_over_it_after_a_write, _load_over_it_before_a_write, _commit_under_way, _committed_just_before)
