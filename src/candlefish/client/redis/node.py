"""One Redis server (or whichever is the primary now): connected when needed, again by itself when lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import uniform
from typing import Final, Protocol

from candlefish.client.redis.bulk import Bulk
from candlefish.client.redis.connect import require_ready, track
from candlefish.client.redis.connection import LARGE_BYTES, Argument, Local, Owner, RedisConnection, RedisRefused
from candlefish.client.redis.epoch import fetch_epoch
from candlefish.client.redis.gets import Gets, Waiter
from candlefish.errors import CacheUnavailable

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
"""Pauses between attempts: a failover takes about 2 s (measured), so the first retries come quickly; each pause is
shortened at random by up to a half, so that a fleet does not come back in one moment."""

NOT_SERVING: Final = frozenset({"READONLY", "LOADING", "MASTERDOWN"})
"""How a server refuses that is no primary any more, or has not its data yet."""

Find = Callable[[Owner], Awaitable[RedisConnection]]
"""Connect to the server as it is now, for instance after asking a Sentinel; raise CacheUnavailable."""


class Listener(Protocol):
    """Who keeps nodes."""

    def changed(self, keys: list[bytes] | None) -> None:
        """Keys that a watched command read have changed; None: any may have."""

    def refused_gets(self, node: "Node", gets: Gets, error: RedisRefused) -> None:
        """Answer or tell those whose MGET was refused."""

    async def returning(self, node: "Node", connection: RedisConnection) -> None:
        """Do what has to be done before anyone uses a new connection; raise CacheUnavailable."""


class Node:
    """Hold the connection to one server, and a second one on which large values keep no small one waiting.

    While the server is away (`up` is False) every call fails at once, and a task of the node's own tries to connect.
    """

    def __init__(self, find: Find, listener: Listener, local: Local | None = None) -> None:
        self.pushes = False
        self.epoch: bytes | None = None
        self.reconnects = 0
        self._reason = "it was never reached"
        self._find = find
        self._listener = listener
        self._local = local
        self._main: RedisConnection | None = None
        self._bulk = Bulk(self._find_same)
        self._large = self._bulk.keys
        self._keeping: asyncio.Task[None] | None = None
        self._pause_s = 0.0
        self._away_s = 0.0
        self._lost_at: float | None = None
        self._up_at: float | None = None
        self._is_up = asyncio.Event()
        self._first_try = asyncio.Event()
        self._closed = False

    @property
    def up(self) -> bool:
        """Tell whether calls can be made now."""
        return self._main is not None

    async def open(self) -> None:
        """Connect for the first time; raise CacheUnavailable, and go on trying."""
        try:
            await self._connect()
        except CacheUnavailable as error:
            self._fell(error)
            raise

    def open_soon(self) -> None:
        """Connect in the background."""
        self._keeping = asyncio.get_running_loop().create_task(self._keep_trying())

    async def tried(self) -> None:
        """Return after the first attempt of `open_soon`."""
        await self._first_try.wait()

    async def until_up(self, timeout_s: float) -> None:
        """Return as soon as calls can be made; raise CacheUnavailable when that takes longer."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_up.wait()
        except TimeoutError:
            self.main()

    async def close(self) -> None:
        """Close for good."""
        self._closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        self.drop()
        await self._bulk.opened()
        self._count_away()

    def get(self, key: str) -> Waiter:
        """Ask for a value, together with everyone else of this tick; raise CacheUnavailable while it is away."""
        if self._large and key in self._large:
            return self.bulk().get(key)
        connection = self._main
        return connection.get(key) if connection is not None else self.main().get(key)

    async def pick(self, key: str, command: tuple[Argument, ...]) -> RedisConnection:
        """Return the connection for a command: the second one when it carries or concerns a large value."""
        for argument in command:
            if isinstance(argument, (bytes, str)) and len(argument) >= LARGE_BYTES:
                self.seen_large(key)
        if key not in self._large:
            return self.main()
        await self._bulk.opened()
        return self.bulk()

    def main(self) -> RedisConnection:
        """Return the connection; raise CacheUnavailable while there is none."""
        if self._main is None:
            raise CacheUnavailable("redis is away", detail=self._reason)
        return self._main

    def time_away_s(self) -> float:
        """Return for how many seconds calls could not be made, after the first connection or the first attempt."""
        return self._away_s + (0.0 if self._lost_at is None else time.monotonic() - self._lost_at)

    def bulk(self) -> RedisConnection:
        """Return the second connection; until it is open, the first one."""
        if self._bulk.connection is not None:
            return self._bulk.connection
        main = self.main()
        self._bulk.open_soon()
        return main

    def drop(self) -> None:
        """Give the connections up: the server is no primary any more, so another has to be found."""
        if self._main is not None:
            self._main.close()

    # what its connections tell (Owner)

    def changed(self, keys: list[bytes] | None) -> None:
        """Pass on that watched keys have changed."""
        self._listener.changed(keys)

    def lost(self, connection: RedisConnection, error: CacheUnavailable) -> None:
        """Connect again; changes of watched keys may have been missed."""
        if connection is self._main:
            self._fell(error)
        elif connection is self._bulk.connection:
            self._bulk.connection = None
        else:
            return  # it was not used yet
        self._listener.changed(None)

    def refused_gets(self, connection: RedisConnection, gets: Gets, error: RedisRefused) -> None:
        """Pass on an MGET that was refused."""
        self._listener.refused_gets(self, gets, error)

    def seen_large(self, key: str) -> None:
        """Let a key's later commands take the second connection, which is opened now."""
        self._bulk.remember(key)
        if self.up:
            self._bulk.open_soon()

    async def _connect(self) -> None:
        connection = await self._find(self)
        try:
            await require_ready(connection)
            self.pushes = await track(connection)
            connection.local = self._local if self.pushes else None
            self.epoch = await fetch_epoch(connection)
            await self._listener.returning(self, connection)
        except BaseException:
            connection.close()
            raise
        if connection.closed:
            raise CacheUnavailable("the connection to redis was lost again at once")
        self._main = connection
        self._is_up.set()
        self.reconnects += self._up_at is not None
        self._up_at = time.monotonic()
        self._count_away()

    async def _find_same(self) -> RedisConnection:
        """Connect once more to the server that the first connection leads to; raise CacheUnavailable."""
        connection = await self._find(self)
        try:
            if await fetch_epoch(connection) != self.epoch:
                raise CacheUnavailable("the second connection led to another primary than the first")
        except BaseException:
            connection.close()
            raise
        return connection

    def _count_away(self) -> None:
        self._away_s, self._lost_at = self.time_away_s(), None

    def _fell(self, error: CacheUnavailable) -> None:
        self._main = None
        self._is_up.clear()
        self._reason = error.message
        self._bulk.close()
        if self._closed:
            return
        self._lost_at = time.monotonic()
        if self._up_at is not None and self._lost_at - self._up_at >= LONGEST_PAUSE_S:
            self._pause_s = 0.0  # a server that was there for a while, not one that is lost again and again
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.get_running_loop().create_task(self._keep_trying())

    async def _keep_trying(self) -> None:
        while not self.up:
            await asyncio.sleep(self._pause_s * uniform(0.5, 1.0))
            self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            try:
                await self._connect()
            except CacheUnavailable as error:
                self._reason = error.message
            finally:
                self._first_try.set()
