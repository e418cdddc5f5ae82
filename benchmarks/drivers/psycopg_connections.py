"""psycopg 3 without a pool: binary format, one cursor for each of as many connections as there are tasks."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import psycopg

from drivers.contender import Way
from drivers.statements import INSERT, SELECT, UPDATE

AT_ONCE = 0
"""psycopg prepares a statement after so many uses: here at the first."""

BINARY_SELECT, BINARY_INSERT, BINARY_UPDATE = (text.replace("$1", "%b") for text in (SELECT, INSERT, UPDATE))


class Connections:
    """A list of open cursors."""

    def __init__(self, cursors: list[Any]) -> None:
        self._cursors = cursors

    async def select(self, key: int) -> Any:
        """Read one row."""
        cursor = self._cursors.pop()
        try:
            await cursor.execute(BINARY_SELECT, (key,))
            return await cursor.fetchone()
        finally:
            self._cursors.append(cursor)

    async def insert(self, key: int) -> Any:
        """Write one row."""
        cursor = self._cursors.pop()
        try:
            return await cursor.execute(BINARY_INSERT, (key,))
        finally:
            self._cursors.append(cursor)

    async def transaction(self, key: int) -> Any:
        """Change one row and write another."""
        cursor = self._cursors.pop()
        try:
            async with cursor.connection.transaction():
                await cursor.execute(BINARY_UPDATE, (key,))
                return await cursor.execute(BINARY_INSERT, (key,))
        finally:
            self._cursors.append(cursor)


@contextlib.asynccontextmanager
async def open_connections(way: Way) -> AsyncIterator[Connections]:
    """Open them one after the other."""
    threshold = AT_ONCE if way.prepared else None
    async with contextlib.AsyncExitStack() as opened:
        cursors = []
        for _ in range(way.connections):
            connection = await psycopg.AsyncConnection.connect(
                way.write_url, autocommit=True, prepare_threshold=threshold
            )
            cursors.append((await opened.enter_async_context(connection)).cursor(binary=True))
        yield Connections(cursors)
