"""Races in which no invalidation comes from the writer: with candlefish its follower tells the cache of the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Literal

from peers.race import Race

Fault = Literal["psql", "killed", "cut"]
"""Why nobody hears of it: a row changed in psql; a writer killed between its commit and what follows it, while Redis
has lost the fences; a writer that alone cannot reach Redis."""

FOLLOWED_S: Final = 2.0
"""After which a follower has dealt with a commit: hundreds of times what it takes on a machine at rest."""

WAYS: Final = 3


def unheard(fault: Fault) -> Callable[[Race], Awaitable[None]]:
    """Return the race of one key with this fault."""
    return partial(_race, fault)


async def _race(fault: Fault, race: Race) -> None:
    """Change what is kept, or is being loaded, or is asked for at once; ask again when the change has been followed."""
    write = partial(race.cache.write_unheard, race.db, race.key, race.update, fault)
    way = race.number % WAYS
    if way == 1:
        written = asyncio.Event()
        asking = asyncio.create_task(race.ask(primary=True, until=written))
        await race.has_read.wait()
        await asyncio.create_task(write())
        written.set()
        await asking
    else:
        await race.ask()
        await asyncio.create_task(write())
        if way:
            await race.ask()
    await asyncio.sleep(FOLLOWED_S)
    await race.ask()
