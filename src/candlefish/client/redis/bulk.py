"""The second connection to a server, on which large values keep no small one waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from candlefish.client.redis.connect import track
from candlefish.client.redis.connection import RedisConnection
from candlefish.errors import CacheUnavailable

LARGE_KEYS: Final = 10_000
"""Keys known to hold large values that are remembered for each node; the one seen longest ago is forgotten first."""


class Bulk:
    """Remember which keys are large, and hold the connection for them, opened when there is the first."""

    def __init__(self, find: Callable[[], Awaitable[RedisConnection]]) -> None:
        self.keys: dict[str, None] = {}
        self.connection: RedisConnection | None = None
        self._find = find
        self._opening: asyncio.Task[None] | None = None

    def remember(self, key: str) -> None:
        """Let a key's later commands take this connection."""
        self.keys.pop(key, None)
        self.keys[key] = None
        if len(self.keys) > LARGE_KEYS:
            del self.keys[next(iter(self.keys))]

    def open_soon(self) -> None:
        """Connect in the background, unless that was done or is under way."""
        if self.connection is None and (self._opening is None or self._opening.done()):
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def opened(self) -> None:
        """Return when the attempt to connect that is under way has ended."""
        if self._opening is not None:
            await asyncio.wait([self._opening])

    def close(self) -> None:
        """Close the connection; the next large value opens another."""
        if self._opening is not None:
            self._opening.cancel()
        if self.connection is not None:
            self.connection.close()

    async def _open(self) -> None:
        connection = None
        try:
            connection = await self._find()
            await track(connection)
            if not connection.closed:
                self.connection = connection
        except CacheUnavailable:
            pass  # the next large value tries again
        finally:
            if connection is not None and connection is not self.connection:
                connection.close()
