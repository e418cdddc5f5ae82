"""psycopg 3's own pool, in binary format."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from psycopg_pool import AsyncConnectionPool

from drivers.contender import Way
from drivers.psycopg_connections import AT_ONCE, BINARY_INSERT, BINARY_SELECT, BINARY_UPDATE


class Pool:
    """A pool to write and read on."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def select(self, key: int) -> Any:
        """Read one row."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(BINARY_SELECT, (key,), binary=True)
            return await cursor.fetchone()

    async def insert(self, key: int) -> Any:
        """Write one row."""
        async with self._pool.connection() as connection:
            return await connection.execute(BINARY_INSERT, (key,), binary=True)

    async def transaction(self, key: int) -> Any:
        """Change one row and write another."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(BINARY_UPDATE, (key,), binary=True)
            return await connection.execute(BINARY_INSERT, (key,), binary=True)


@contextlib.asynccontextmanager
async def open_pool(way: Way) -> AsyncIterator[Pool]:
    """Open a full pool."""
    settings: dict[str, Any] = {"autocommit": True, "prepare_threshold": AT_ONCE if way.prepared else None}
    async with AsyncConnectionPool(
        way.write_url, min_size=way.connections, max_size=way.connections, kwargs=settings, open=False
    ) as pool:
        await pool.wait()
        yield Pool(pool)
