"""When keys are gone from Redis, as its clients are told: a connection that hears of every change under a prefix."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

import hiredis

from candlefish.client.redis.address import parse_redis_url

PIECE: Final = 2_000
"""Keys of one MSET: a command of some 50 KB."""


class Forgotten:
    """Fill keys, then note when each of them is gone for the first time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at: dict[str, float] = {}
        self._reader = reader
        self._writer = writer
        self._parser = hiredis.Reader()

    async def call(self, *command: str | int) -> object:
        """Send a command and return its reply; only before `listen`."""
        self._writer.write(hiredis.pack_command(command))  # type: ignore[arg-type]  # its stub wants one word
        while (reply := self._parser.gets()) is False or isinstance(reply, hiredis.PushNotification):
            if reply is False:
                self._parser.feed(await self._reader.read(65536))
        if isinstance(reply, hiredis.ReplyError):
            raise reply
        return reply

    async def fill(self, keys: Iterable[str]) -> None:
        """Keep something under each key."""
        names = list(keys)
        for first in range(0, len(names), PIECE):
            await self.call("MSET", *(word for name in names[first : first + PIECE] for word in (name, "kept")))

    async def count(self, keys: Iterable[str]) -> int:
        """Return how many of the keys are there."""
        names = list(keys)
        pieces = [names[first : first + PIECE] for first in range(0, len(names), PIECE)]
        return sum([int(str(await self.call("EXISTS", *piece))) for piece in pieces])

    async def listen(self) -> None:
        """Note the time of each key's first change from now on, until cancelled."""
        while True:
            data = await self._reader.read(65536)
            now = time.perf_counter()
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not False:
                if isinstance(reply, hiredis.PushNotification) and reply[0] == b"invalidate":
                    for key in reply[1] or ():
                        self.at.setdefault(key.decode(), now)


@asynccontextmanager
async def open_forgotten(url: str, prefix: str) -> AsyncIterator[Forgotten]:
    """Connect; after `track` the server tells of each change under the prefix that others make."""
    address = parse_redis_url(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    forgotten = Forgotten(reader, writer)
    await forgotten.call("HELLO", 3, "AUTH", address.user or "default", address.password)
    await forgotten.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix, "NOLOOP")
    try:
        yield forgotten
    finally:
        writer.close()
