"""candlefish's own `Database`."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from candlefish import Database
from drivers.contender import Way
from drivers.statements import INSERT, SELECT, UPDATE


class Opened:
    """A database to write and read on."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def select(self, key: int) -> Any:
        """Read one row."""
        return await self._db.fetchrow(SELECT, key)

    async def insert(self, key: int) -> Any:
        """Write one row."""
        return await self._db.execute(INSERT, key)

    async def transaction(self, key: int) -> Any:
        """Change one row and write another."""
        async with self._db.transaction() as transaction:
            await transaction.execute(UPDATE, key)
            return await transaction.execute(INSERT, key)


@contextlib.asynccontextmanager
async def open_database(way: Way) -> AsyncIterator[Opened]:
    """Open a database with as many connections; whether it prepares statements it finds out itself."""
    reads = len(way.read_urls) or 1
    async with Database(way.write_url, read_urls=way.read_urls, pool_size=-(-way.connections // reads)) as db:
        yield Opened(db)
