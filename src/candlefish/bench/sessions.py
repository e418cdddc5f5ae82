"""The sessions of the targets: a connection for each request, or `Database`; with or without `Cache`."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from random import choice
from time import monotonic
from typing import Any

from candlefish.bench.target import Target
from candlefish.bench.workload import Kind, Row, Transaction
from candlefish.client.aside.policy import Policy
from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.statements import Borrowed, Statements
from candlefish.client.postgres.transaction import Transaction as Fenced

CLOSE_TIMEOUT_S = 5.0

STALE_ON_ERROR_S = 60.0
"""For so long after its time a cached page is shown when the database can't give a newer one: about two failovers."""


class TargetSession(ABC):
    """One request's session, and what it did: lookups, statements, waits for a connection (seconds)."""

    def __init__(self, optimised: bool, cache: Cache | None) -> None:
        self.optimised = optimised
        self.lookups: list[tuple[float, str, bool]] = []
        self.forgotten: list[tuple[float, str]] = []
        self.statements = 0
        self.connection_waits: list[float] = []
        self._cache = cache

    @property
    def from_cache(self) -> bool:
        """Tell whether the cache alone answered the request."""
        return not self.statements and any(hit for _, _, hit in self.lookups)

    @abstractmethod
    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Row]:
        """Return all rows."""

    @abstractmethod
    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Row | None:
        """Return the first row, or None."""

    @abstractmethod
    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first column of the first row, or None."""

    @abstractmethod
    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement on the primary and return its command tag."""

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction on the primary."""

    async def cached_read(self, key: str, sql: str, *args: object) -> Sequence[Row]:
        """Return the rows from the cache, or run the query and keep them; without a cache, just run it."""
        if self._cache is None:
            return await self.fetch(sql, *args)
        return await self._cache.get_or_load(key, lambda: self.fetch(sql, *args))

    def forget(self, transaction: Transaction, *keys: str) -> None:
        """Delete keys from the cache with the commit of a transaction; without a cache, do nothing."""
        if self._cache is not None:
            now = monotonic()
            self.forgotten.extend((now, key) for key in keys)
            self._forget(self._cache, transaction, keys)

    @abstractmethod
    def _forget(self, cache: Cache, transaction: Transaction, keys: Sequence[str]) -> None: ...

    @abstractmethod
    async def probe(self, kind: Kind) -> None:
        """Measure the wait for a connection where the requests themselves cannot."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the request held."""


CURRENT: ContextVar[TargetSession] = ContextVar("CURRENT")
"""The session of the request that the running task serves."""


def note_lookup(key: str, hit: bool, seconds: float) -> None:
    """Write a lookup of the cache down in the session of the request that made it."""
    CURRENT.get().lookups.append((monotonic(), key, hit))


class PooledSession(TargetSession):
    """Use a worker's `Database`."""

    def __init__(self, target: Target, cache: Cache | None, database: Database) -> None:
        super().__init__(target.optimised, cache)
        self._database = database

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Row]:
        """Return all rows."""
        self.statements += 1
        return await self._database.fetch(sql, *args, primary=primary)

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Row | None:
        """Return the first row, or None."""
        self.statements += 1
        return await self._database.fetchrow(sql, *args, primary=primary)

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first column of the first row, or None."""
        self.statements += 1
        return await self._database.fetchval(sql, *args, primary=primary)

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement on the primary and return its command tag."""
        self.statements += 1
        return await self._database.execute(sql, *args)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction on the primary."""
        self.statements += 1
        return self._database.transaction()

    def _forget(self, cache: Cache, transaction: Transaction, keys: Sequence[str]) -> None:
        assert isinstance(transaction, Fenced)
        cache.invalidate(transaction, *keys)

    async def probe(self, kind: Kind) -> None:
        """Time the smallest statement, from asking the pool to its reply.

        A pooler gives a client its server connection only with the first statement, so this is the whole wait: the
        client's pool, the pooler's queue, and one round trip (which makes it an upper bound).
        """
        asked = monotonic()
        await self._database.fetchval("select 1", primary=kind == "write")
        self.connection_waits.append(monotonic() - asked)

    async def close(self) -> None:
        """Hold nothing."""


class DirectSession(TargetSession):
    """Connect when the request first needs it, as an application without a pool does; close at its end."""

    def __init__(self, target: Target, cache: Cache | None) -> None:
        super().__init__(target.optimised, cache)
        self._target = target
        self._borrowed: dict[bool, Borrowed] = {}
        self._wrote = False
        self._written: list[str] = []

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Row]:
        """Return all rows."""
        return await (await self._statements(primary)).fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Row | None:
        """Return the first row, or None."""
        return await (await self._statements(primary)).fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first column of the first row, or None."""
        return await (await self._statements(primary)).fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement on the primary and return its command tag."""
        self._wrote = True
        return await (await self._statements(primary=True)).execute(sql, *args)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction on the primary."""
        self._wrote = True
        statements = await self._statements(primary=True)
        await statements.execute("begin")
        yield statements
        await statements.execute("commit")  # a request that fails closes its connection, which rolls back
        if self._cache is not None:
            await self._cache.delete(*self._written)

    def _forget(self, cache: Cache, transaction: Transaction, keys: Sequence[str]) -> None:
        self._written += keys  # its connections are none of `Database`: they are deleted after the commit

    async def probe(self, kind: Kind) -> None:
        """Measure nothing: each request waits for its own connection, and that is measured."""

    async def close(self) -> None:
        """Close the request's connections."""
        for borrowed in self._borrowed.values():
            if borrowed.connection is not None:
                borrowed.pool.release(borrowed.connection, clean=False)
            await borrowed.pool.close()

    async def _statements(self, primary: bool) -> Statements:
        self.statements += 1
        primary = primary or self._wrote or not self._target.read_urls  # a request has to see its own writes
        if primary not in self._borrowed:
            self._borrowed[primary] = await self._borrow(primary)
        return Statements(self._borrowed[primary])

    async def _borrow(self, primary: bool) -> Borrowed:
        target = self._target
        pool = Pool(
            "one request's",
            target.write_url if primary else choice(target.read_urls),
            size=1,
            acquire_timeout_s=target.acquire_timeout_s,
            connect_timeout_s=target.acquire_timeout_s,
            statement_timeout_s=target.statement_timeout_s,
            prepared=False,
        )
        asked = monotonic()
        try:
            return Borrowed(await pool.acquire(), pool)
        finally:
            self.connection_waits.append(monotonic() - asked)


@dataclass(frozen=True, slots=True)
class OpenTarget:
    """A target whose pools and cache are open; `new_session` is called for each request."""

    target: Target
    new_session: Callable[[], TargetSession]
    database: Database | None
    cache: Cache | None


@asynccontextmanager
async def open_target(target: Target) -> AsyncIterator[OpenTarget]:
    """Open a target's pools and cache."""
    async with AsyncExitStack() as stack:
        cache = await stack.enter_async_context(_cache(target)) if target.cached else None
        if not target.pooled:
            yield OpenTarget(target, lambda: DirectSession(target, cache), None, cache)
            return
        database = await stack.enter_async_context(_database(target))
        await _warm_up(database, target)
        yield OpenTarget(target, lambda: PooledSession(target, cache, database), database, cache)


def _cache(target: Target) -> Cache:
    policy = Policy(ttl_s=target.ttl_s, stale_on_error_s=STALE_ON_ERROR_S, early_refresh=1.0)
    return Cache(target.redis_url, sentinel_url=target.sentinel_url, policy=policy, on_lookup=note_lookup)


def _database(target: Target) -> Database:
    return Database(
        target.write_url,
        read_urls=target.read_urls,
        pool_size=target.pool_size,
        acquire_timeout_s=target.acquire_timeout_s,
        statement_timeout_s=target.statement_timeout_s,
    )


async def _warm_up(database: Database, target: Target) -> None:
    """Open some connections of each pool before anything is measured."""
    some = min(target.pool_size, 4)
    reads = (database.fetchval("select 1") for _ in range(some * len(target.read_urls)))
    writes = (database.fetchval("select 1", primary=True) for _ in range(some))
    await asyncio.gather(*reads, *writes)
