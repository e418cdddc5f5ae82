"""asyncpg's own pool: as it comes, and without the round trip that resets a connection which is given back."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from drivers.asyncpg_connections import STATEMENT_CACHE
from drivers.contender import Way
from drivers.statements import INSERT, SELECT, UPDATE


class Pool:
    """A pool to write and read on."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def select(self, key: int) -> Any:
        """Read one row."""
        return await self._pool.fetchrow(SELECT, key)

    async def insert(self, key: int) -> Any:
        """Write one row."""
        return await self._pool.execute(INSERT, key)

    async def transaction(self, key: int) -> Any:
        """Change one row and write another."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(UPDATE, key)
            return await connection.execute(INSERT, key)


@contextlib.asynccontextmanager
async def open_pool(way: Way, **settings: Any) -> AsyncIterator[Pool]:
    """Open a full pool; `settings` are asyncpg.create_pool's."""
    async with asyncpg.create_pool(
        way.write_url,
        min_size=way.connections,
        max_size=way.connections,
        statement_cache_size=STATEMENT_CACHE if way.prepared else 0,
        **settings,
    ) as pool:
        try:
            yield Pool(pool)
        finally:
            pool.terminate()


def open_pool_without_reset(way: Way) -> contextlib.AbstractAsyncContextManager[Pool]:
    """Open a full pool that leaves a connection as it was given back."""

    async def leave(_connection: Any) -> None:
        """Do nothing."""

    return open_pool(way, reset=leave)
