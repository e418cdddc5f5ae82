"""Races in which nothing fails: loads and writes whose steps are forced into an order."""

import asyncio
from functools import partial

from candlefish import Transaction
from peers.race import LAG_S, Race


async def plain(race: Race) -> None:
    """Let a loader read, then a write commit and invalidate, then the loader come back."""
    written = asyncio.Event()
    asking = asyncio.create_task(race.ask(primary=True, until=written))
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
    """Load from such replicas after all that stands beside the entries in Redis was deleted."""
    await race.ask()
    await race.write()
    await race.cache.evict_fences()
    await race.pause(LAG_S)
    await race.ask()


async def waiting(race: Race) -> None:
    """Load from the primary while the commit waits for its standbys, and after it."""
    writing = asyncio.create_task(race.write(race.update_and_wait))
    done = asyncio.Event()
    await race.pause(LAG_S)
    asking = asyncio.create_task(race.ask(primary=True, until=done))
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

    first = asyncio.create_task(race.write(slow))
    await first_wrote.wait()
    await race.write(partial(race.update, part=2))
    ended = asyncio.Event()
    asking = asyncio.create_task(race.ask(primary=True, until=ended))
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
