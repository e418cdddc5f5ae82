"""Connections that break, again and again, and links that are slow."""

import asyncio
import contextlib
from random import Random

import pytest
from tests.live.client.conftest import OpenProxy
from tests.live.client.redis.conftest import Server, open_client

from candlefish.client.redis.address import parse_redis_url
from candlefish.client.redis.client import Redis
from candlefish.errors import CacheUnavailable

pytestmark = pytest.mark.live

CUTS = 20
NAMES = [f"k{number}" for number in range(200)]
LARGE_BYTES = 24_000_000
"""More than the kernel keeps for a connection on loopback."""


async def test_no_answer_reaches_the_wrong_caller_while_connections_break(
    server: Server, opened: list[Redis], open_proxy: OpenProxy
) -> None:
    """Callers also give up at random; each key holds its own name."""
    proxy = await open_proxy(f"redis://:x@127.0.0.1:{server.port}")
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{proxy.port}"))
    server.cli("MSET", *[word for name in NAMES for word in (name, name)])
    callers = [Caller(redis, Random(number)) for number in range(30)]
    asking = [asyncio.create_task(caller.go_on()) for caller in callers]
    for _ in range(CUTS):
        for caller in callers:
            caller.answered.clear()
        async with asyncio.timeout(60):
            await asyncio.gather(*[caller.answered.wait() for caller in callers])
        proxy.cut()
    for caller in callers:
        caller.over = True
    await asyncio.gather(*asking)
    assert redis.reconnects >= CUTS - 1


class Caller:
    """Ask for random keys, and now and then do not wait for the answer."""

    def __init__(self, redis: Redis, random: Random) -> None:
        self.answered = asyncio.Event()
        self.over = False
        self._redis = redis
        self._random = random

    async def go_on(self) -> None:
        """Ask until it is over."""
        while not self.over:
            asking = asyncio.create_task(self._ask(self._random.choice(NAMES)))
            for _ in range(self._random.randrange(4)):
                await asyncio.sleep(0)
            if self._random.random() < 0.3:
                asking.cancel()
            with contextlib.suppress(CacheUnavailable, asyncio.CancelledError):
                await asking

    async def _ask(self, name: str) -> None:
        assert await self._redis.get(name) == name.encode()
        assert await self._redis.call(name, "STRLEN", name) == len(name)
        self.answered.set()


async def test_a_large_value_on_a_slow_link_keeps_nobody_waiting_and_is_no_silence(
    server: Server, opened: list[Redis]
) -> None:
    link = SlowLink(server.port)
    await link.start()
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{link.port}"), timeout_s=0.5)
    await redis.call("small", "SET", "small", "v")
    sending = asyncio.create_task(redis.call("large", "SET", "large", b"x" * LARGE_BYTES))
    async with asyncio.timeout(60):
        while await asyncio.to_thread(server.cli, "STRLEN", "large") == "0":
            assert await redis.get("small") == b"v"
    with contextlib.suppress(CacheUnavailable):
        await sending  # it may well have taken longer than a call may
    assert redis.reconnects == 0
    assert link.connections == 2
    await redis.close()
    await link.stop()


class SlowLink:
    """Pass on to the server what comes, a piece at a time; pass back what it answers at once."""

    PIECE_BYTES = 64 * 1024
    PAUSE_S = 0.004

    def __init__(self, to_port: int) -> None:
        self.port = self.connections = 0
        self._to_port = to_port
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=self.PIECE_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End every connection."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        for source, sink, pause_s in ((reader, there_writer, self.PAUSE_S), (there_reader, writer, 0.0)):
            self._tasks.append(asyncio.create_task(self._pipe(source, sink, pause_s)))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause_s: float) -> None:
        try:
            while data := await reader.read(self.PIECE_BYTES):
                writer.write(data)
                await writer.drain()
                if len(data) == self.PIECE_BYTES:
                    await asyncio.sleep(pause_s)
        finally:
            writer.transport.abort()
