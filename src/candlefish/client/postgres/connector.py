"""How a connection to one URL is opened."""

import asyncio
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, translate
from candlefish.client.postgres.prepared import STATEMENT_CACHE, survive
from candlefish.errors import Unavailable

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:  # the driver's class takes no type argument at run time
    Connection = asyncpg.Connection

CLOSE_TIMEOUT_S = 5.0
"""How long a connection may take to say goodbye before it is cut."""


class Connector:
    """Open connections to one URL; `prepared` None: find out whether prepared statements survive on the way."""

    def __init__(self, name: str, url: str, *, timeout_s: float, prepared: bool | None) -> None:
        self.prepared = prepared
        self._name = name
        self._url = url
        self._timeout_s = timeout_s

    async def connect(self, timeout_s: float) -> Connection:
        """Open a connection; raise Unavailable after the shorter of `timeout_s` and the connector's own."""
        within_s = min(timeout_s, self._timeout_s)
        try:
            async with asyncio.timeout(within_s):
                return await self._connect_found_out()
        except TimeoutError as error:
            raise Unavailable(f"{self._name} took no connection in {within_s:.3g} s") from error
        except DRIVER_ERRORS as error:
            ours = translate(error)
            raise Unavailable(f"{self._name} took no connection: {ours.message}", hint=ours.hint) from error

    async def _connect_found_out(self) -> Connection:
        if self.prepared is False:
            return await self._connect_once(statements=0)
        connection = await self._connect_once(statements=STATEMENT_CACHE)
        if self.prepared is None:
            self.prepared = await survive(connection)
            if not self.prepared:
                await connection.close(timeout=CLOSE_TIMEOUT_S)
                return await self._connect_once(statements=0)
        return connection

    async def _connect_once(self, *, statements: int) -> Connection:
        return await asyncpg.connect(self._url, timeout=self._timeout_s, statement_cache_size=statements)


async def disconnect(connection: Connection) -> None:
    """Close a connection, whatever state it is in; a statement under way is cancelled at the server."""
    try:
        await connection.close(timeout=CLOSE_TIMEOUT_S)
    except DRIVER_ERRORS:
        connection.terminate()
