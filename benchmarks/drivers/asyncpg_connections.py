"""asyncpg without a pool: as many connections as there are tasks, taken from a list and put back."""

import contextlib
from collections.abc import AsyncIterator
from itertools import cycle
from typing import Any

import asyncpg

from drivers.contender import Way
from drivers.statements import INSERT, SELECT, UPDATE

STATEMENT_CACHE = 100
"""asyncpg's own default."""


class Connections:
    """Two lists of open connections: to write on, and to read on."""

    def __init__(self, writing: list[Any], reading: list[Any]) -> None:
        self._writing = writing
        self._reading = reading

    async def select(self, key: int) -> Any:
        """Read one row."""
        connection = self._reading.pop()
        try:
            return await connection.fetchrow(SELECT, key)
        finally:
            self._reading.append(connection)

    async def insert(self, key: int) -> Any:
        """Write one row."""
        connection = self._writing.pop()
        try:
            return await connection.execute(INSERT, key)
        finally:
            self._writing.append(connection)

    async def transaction(self, key: int) -> Any:
        """Change one row and write another."""
        connection = self._writing.pop()
        try:
            async with connection.transaction():
                await connection.execute(UPDATE, key)
                return await connection.execute(INSERT, key)
        finally:
            self._writing.append(connection)


@contextlib.asynccontextmanager
async def open_connections(way: Way) -> AsyncIterator[Connections]:
    """Open them one after the other; where reads go elsewhere, on the servers in turn."""

    async def connect(url: str) -> Any:
        return await asyncpg.connect(url, statement_cache_size=STATEMENT_CACHE if way.prepared else 0)

    writing = [await connect(way.write_url) for _ in range(way.connections)]
    elsewhere = [await connect(url) for url, _ in zip(cycle(way.read_urls), range(way.connections), strict=False)]
    try:
        yield Connections(writing, elsewhere or writing)
    finally:
        for connection in (*writing, *elsewhere):
            connection.terminate()
