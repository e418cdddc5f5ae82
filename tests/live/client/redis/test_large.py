"""Large values travel on a connection of their own."""

import asyncio

import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.redis.conftest import Server, open_client

from candlefish.client.redis.address import parse_redis_url
from candlefish.client.redis.client import Redis

pytestmark = pytest.mark.live

LARGE = b"x" * 3_000_000


async def test_a_key_that_is_known_to_be_large_takes_the_second_connection(
    redis: Redis, server: Server, eventually: Eventually
) -> None:
    await redis.call("small", "SET", "small", "v")
    server.cli("EVAL", "redis.call('SET', 'large', string.rep('x', 3000000))", "0")
    assert _connections(server) == 1
    assert await redis.get("large") == LARGE
    assert await redis.get("large") == LARGE
    await eventually(lambda: _connections(server) == 2)
    values = await asyncio.gather(*[redis.get(key) for key in ("large", "small") * 20])
    assert values == [LARGE, b"v"] * 20


async def test_a_large_value_is_sent_on_the_second_connection_from_the_first(redis: Redis, server: Server) -> None:
    await redis.call("large", "SET", "large", LARGE)
    assert sorted("cmd=set" in line for line in _clients(server)) == [False, True]
    await redis.call("small", "SET", "small", "v")
    assert all("cmd=set" in line for line in _clients(server))


async def test_the_loss_of_the_second_connection_costs_nothing_but_its_own_calls(
    redis: Redis, server: Server, eventually: Eventually
) -> None:
    await redis.call("large", "SET", "large", LARGE)
    assert await redis.get("large") == LARGE
    await eventually(lambda: _connections(server) == 2)
    assert await redis.get("large") == LARGE
    newest = max(int(line.split()[0].removeprefix("id=")) for line in _clients(server))
    server.cli("CLIENT", "KILL", "ID", str(newest))
    assert await redis.get("small") is None
    assert redis.reconnects == 0

    async def answered() -> bool:
        outcome = (await asyncio.gather(redis.get("large"), return_exceptions=True))[0]
        return outcome == LARGE

    await eventually(answered)


async def test_small_values_are_answered_while_a_large_one_is_on_its_way(
    server: Server, opened: list[Redis], eventually: Eventually
) -> None:
    """The second connection goes through a relay that holds the large value back until the small ones are there."""
    relay = Relay(server.port)
    await relay.start()
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{relay.port}"), timeout_s=30)
    await redis.call("small", "SET", "small", "v")
    await redis.call("large", "SET", "large", LARGE)
    assert await redis.get("large") == LARGE
    await eventually(lambda: relay.connections == 2)
    assert await redis.get("large") == LARGE
    relay.hold_large.clear()
    large = redis.get("large")
    await asyncio.gather(*[asyncio.wait_for(redis.get("small"), 20) for _ in range(100)])
    assert not large.done()
    relay.hold_large.set()
    assert await large == LARGE
    await redis.close()
    await relay.stop()


class Relay:
    """Pass bytes on; while `hold_large` is not set, what comes in large pieces waits."""

    def __init__(self, to_port: int) -> None:
        self.port = self.connections = 0
        self.hold_large = asyncio.Event()
        self.hold_large.set()
        self._to_port = to_port
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
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
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            self._tasks.append(asyncio.ensure_future(self._pipe(source, sink)))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if len(data) > 10_000:
                    await self.hold_large.wait()
                writer.write(data)
        finally:
            writer.transport.abort()


def _clients(server: Server) -> list[str]:
    return [line for line in server.cli("CLIENT", "LIST").splitlines() if "cmd=client|list" not in line]


def _connections(server: Server) -> int:
    return len(_clients(server))
