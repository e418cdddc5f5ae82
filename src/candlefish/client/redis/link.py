"""The way to the Redis primary: connected when needed, again after a failover, not tried at every call while away."""

import asyncio
from random import uniform

from candlefish.client.redis.address import RedisAddress, SentinelAddress
from candlefish.client.redis.connection import RedisConnection, connect
from candlefish.client.redis.sentinel import connect_to_primary
from candlefish.errors import CacheUnavailable

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
"""Pauses between attempts: a failover takes about 2 s (measured), so the first retries come quickly."""


class RedisLink:
    """Hold the one connection to the primary."""

    def __init__(self, address: RedisAddress | SentinelAddress, *, timeout_s: float) -> None:
        self.connection: RedisConnection | None = None
        self.connects = 0
        self._address = address
        self._timeout_s = timeout_s
        self._attempt: asyncio.Task[RedisConnection] | None = None
        self._pause_s = 0.0
        self._not_before = 0.0
        self._reason = ""
        self._closed = False

    async def connected(self) -> RedisConnection:
        """Return a working connection; raise CacheUnavailable, at once while an attempt has just failed."""
        if self.connection is not None and not self.connection.closed:
            return self.connection
        loop = asyncio.get_running_loop()
        if self._attempt is None:
            if self._closed:
                raise CacheUnavailable("the cache is closed")
            if loop.time() < self._not_before:
                raise CacheUnavailable("redis is away; the next attempt comes soon", detail=self._reason)
            self._attempt = loop.create_task(self._connect())
            self._attempt.add_done_callback(self._finished)
        return await asyncio.shield(self._attempt)

    def drop(self) -> None:
        """Give the connection up (the server is no primary any more), so that the next call looks for another."""
        if self.connection is not None:
            self.connection.close()

    async def close(self) -> None:
        """Close for good."""
        self._closed = True
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait([self._attempt])
        self.drop()

    async def _connect(self) -> RedisConnection:
        if isinstance(self._address, SentinelAddress):
            return await connect_to_primary(self._address, timeout_s=self._timeout_s)
        return await connect(self._address, timeout_s=self._timeout_s)

    def _finished(self, attempt: "asyncio.Task[RedisConnection]") -> None:
        self._attempt = None
        if attempt.cancelled():
            return
        if (error := attempt.exception()) is not None:
            self._reason = str(error)
            self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            self._not_before = asyncio.get_running_loop().time() + self._pause_s * uniform(0.5, 1.0)
            return
        self.connection = attempt.result()
        self.connects += 1
        self._pause_s = 0.0
