"""One key and all that can happen to it, and the crowd of those that are raced at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from time import monotonic
from typing import Final, TypeVar

from candlefish import Database, Transaction
from candlefish.errors import DatabaseError, WriteUnknown
from harness.door import Door
from peers.caches import Raced

T = TypeVar("T")

LAG_S: Final = 0.2
"""By which each replica is behind, and for which a commit waits that waits for them to replay it."""

PATIENCE_S: Final = 90.0
"""For which an application repeats what a failover ends: PostgreSQL's takes up to 21 s, measured."""

ANSWER_S: Final = 20.0
"""After which an application gives a lookup up."""

AGAIN_S: Final = 0.05
"""Between two tries."""

READ = "select sum(count)::int from shelf where key = $1"
UPDATE = "update shelf set count = count + 1 where key = $1 and part = $2"

Order = Callable[[str], Awaitable[None]]
"""Has a deed done outside this process; see `harness.deeds`."""


@dataclass(slots=True)
class Crowd:
    """Races that wait for each other where they meet."""

    keys: list[str]
    order: Order
    door: Door
    _barrier: asyncio.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self._barrier = asyncio.Barrier(len(self.keys))

    async def meet(self, action: Callable[[], Awaitable[None]] | None = None) -> None:
        """Return when every race is here and the action, which is the same for all, was done once."""
        if await self._barrier.wait() == 0 and action is not None:
            await action()
        await self._barrier.wait()


@dataclass(slots=True)
class Race:
    """One key."""

    db: Database
    cache: Raced
    key: str
    number: int
    random: Random
    crowd: Crowd
    has_read: asyncio.Event = field(default_factory=asyncio.Event)
    unknown_commits: int = 0
    unanswered: int = 0

    async def load(self, *, primary: bool = False, until: asyncio.Event | None = None) -> int:
        """Read the row, as a loader does, and come back with it when something else has happened."""
        value = await self.db.fetchval(READ, self.key, primary=primary)
        self.has_read.set()
        if until is not None:
            await until.wait()
        return int(value)

    async def ask(self, *, primary: bool = False, until: asyncio.Event | None = None) -> int:
        """Ask the cache in a context that has written nothing."""
        return await asyncio.create_task(
            self.cache.get_or_load(self.key, partial(self.load, primary=primary, until=until))
        )

    async def ask_on(self, *, primary: bool = False, until: asyncio.Event | None = None) -> None:
        """Ask, and again while a failover ends it; a lookup that waits for `until` may take as long as that."""
        try:
            async with asyncio.timeout(None if until else ANSWER_S):
                await patiently(lambda: self.ask(primary=primary, until=until))
        except TimeoutError:
            self.unanswered += 1

    async def update(self, tx: Transaction, part: int = 1) -> None:
        """Change a part of the value."""
        await tx.execute(UPDATE, self.key, part)

    async def update_and_wait(self, tx: Transaction) -> None:
        """Change it in a transaction whose commit waits until the standbys have replayed it."""
        await tx.execute("set local synchronous_commit = remote_apply")
        await self.update(tx)

    async def write(self, update: Callable[[Transaction], Awaitable[None]] | None = None) -> None:
        """Change the value as an application does."""
        await asyncio.create_task(self.cache.write(self.db, self.key, update or self.update))

    async def write_on(self, update: Callable[[Transaction], Awaitable[None]] | None = None) -> None:
        """Change the value once, though a failover ends the transaction; where its fate is unknown, look at the row."""
        before = await self._value()
        deadline = monotonic() + PATIENCE_S
        while monotonic() < deadline:
            try:
                return await self.write(update)
            except WriteUnknown:
                self.unknown_commits += 1
                if await self._value() != before:
                    return await patiently(lambda: self.cache.settle(self.key))
            except DatabaseError:  # nothing was changed
                await asyncio.sleep(AGAIN_S)
        raise TimeoutError(f"no write was taken for {PATIENCE_S:g} s")

    async def pause(self, up_to_s: float) -> None:
        """Wait for a time that no other key waits for."""
        await asyncio.sleep(self.random.uniform(0, up_to_s))

    async def _value(self) -> int:
        return int(await patiently(lambda: self.db.fetchval(READ, self.key, primary=True)))


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call until it succeeds; raise its last error after PATIENCE_S."""
    deadline = monotonic() + PATIENCE_S
    while True:
        try:
            return await call()
        except Exception:  # each library has errors of its own
            if monotonic() > deadline:
                raise
        await asyncio.sleep(AGAIN_S)
