"""One Redis server (or whichever is the primary now): connected when needed, again by itself when lost."""

import asyncio
from collections.abc import Awaitable, Callable
from random import uniform
from typing import Final, Protocol

from candlefish.client.redis.connect import track
from candlefish.client.redis.connection import LARGE_BYTES, Argument, Owner, RedisConnection, RedisRefused
from candlefish.client.redis.gets import Gets, Waiter
from candlefish.errors import CacheUnavailable

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
"""Pauses between attempts: a failover takes about 2 s (measured), so the first retries come quickly; each pause is
shortened at random by up to a half, so that a fleet does not come back in one moment."""

LARGE_KEYS: Final = 10_000
"""Keys known to hold large values that are remembered for each node; the one seen longest ago is forgotten first."""

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

    def __init__(self, find: Find, listener: Listener) -> None:
        self.pushes = False
        self.connects = 0
        self._away_s = 0.0
        self.reason = "it was never reached"
        self._find = find
        self._listener = listener
        self._main: RedisConnection | None = None
        self._bulk: RedisConnection | None = None
        self._large: dict[str, None] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._opening_bulk: asyncio.Task[None] | None = None
        self._lost_at: float | None = None
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

    async def close(self) -> None:
        """Close for good."""
        self._closed = True
        tasks = [task for task in (self._keeping, self._opening_bulk) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        main, self._main = self._main, None
        for connection in (main, self._bulk):
            if connection is not None:
                connection.close()

    def get(self, key: str) -> Waiter:
        """Ask for a value, together with everyone else of this tick; raise CacheUnavailable while it is away."""
        if self._large and key in self._large:
            return self.bulk().get(key)
        connection = self._main
        return connection.get(key) if connection is not None else self.main().get(key)

    def pick(self, command: tuple[Argument, ...]) -> RedisConnection:
        """Return the connection for a command: the second one when it carries or concerns a large value."""
        large = self._large
        for argument in command:
            if isinstance(argument, (bytes, str)) and (len(argument) >= LARGE_BYTES or (large and argument in large)):
                return self.bulk()
        return self.main()

    def main(self) -> RedisConnection:
        """Return the connection; raise CacheUnavailable while there is none."""
        if self._main is None:
            raise CacheUnavailable("redis is away", detail=self.reason)
        return self._main

    def time_away_s(self) -> float:
        """Return for how many seconds calls could not be made, after the first connection or the first attempt."""
        since = 0.0 if self._lost_at is None else asyncio.get_running_loop().time() - self._lost_at
        return self._away_s + since

    def bulk(self) -> RedisConnection:
        """Return the second connection; until it is open, the first one."""
        connection = self._bulk
        if connection is not None and not connection.closed:
            return connection
        if self._opening_bulk is None and self.up:
            self._opening_bulk = asyncio.get_running_loop().create_task(self._open_bulk())
        return self.main()

    def remember_large(self, key: str) -> None:
        """Let a key's later commands take the second connection."""
        self._large.pop(key, None)
        self._large[key] = None
        if len(self._large) > LARGE_KEYS:
            del self._large[next(iter(self._large))]

    def drop(self) -> None:
        """Give the connection up: the server is no primary any more, so another has to be found."""
        if self._main is not None:
            self._main.close()

    # what its connections tell (Owner)

    def changed(self, keys: list[bytes] | None) -> None:
        """Pass on that watched keys have changed."""
        self._listener.changed(keys)

    def lost(self, connection: RedisConnection, error: CacheUnavailable) -> None:
        """Connect again."""
        if connection is self._main:
            self._fell(error)

    def refused_gets(self, connection: RedisConnection, gets: Gets, error: RedisRefused) -> None:
        """Pass on an MGET that was refused."""
        self._listener.refused_gets(self, gets, error)

    def seen_size(self, key: str, size_bytes: int) -> None:
        """Remember which keys are large, and forget those that no longer are."""
        if size_bytes >= LARGE_BYTES:
            self.remember_large(key)
        else:
            self._large.pop(key, None)

    async def _connect(self) -> None:
        connection = await self._find(self)
        try:
            self.pushes = await track(connection)
            await self._listener.returning(self, connection)
        except BaseException:
            connection.close()
            raise
        if connection.closed:
            raise CacheUnavailable("the connection to redis was lost again at once")
        self._main = connection
        self.connects += 1
        if self._lost_at is not None:
            self._away_s += asyncio.get_running_loop().time() - self._lost_at
            self._lost_at = None

    def _fell(self, error: CacheUnavailable) -> None:
        self._main = None
        self.reason = error.message
        self._listener.changed(None)
        if self._bulk is not None:
            self._bulk.close()
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        self._lost_at = loop.time()
        if self._keeping is None or self._keeping.done():
            self._keeping = loop.create_task(self._keep_trying())

    async def _keep_trying(self) -> None:
        pause_s = 0.0
        while not self.up:
            await asyncio.sleep(pause_s * uniform(0.5, 1.0))
            pause_s = min(max(pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            try:
                await self._connect()
            except CacheUnavailable as error:
                self.reason = error.message
            finally:
                self._first_try.set()

    async def _open_bulk(self) -> None:
        try:
            self._bulk = await self._find(self)
        except CacheUnavailable:
            pass  # the next large value tries again
        finally:
            self._opening_bulk = None
