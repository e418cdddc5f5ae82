"""A door that follows the Redis primary, as the address of a managed Redis does: for libraries without Sentinel.

A new connection goes to whomever the Sentinels name; one whose server dies is cut.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Final

import redis.asyncio as redis
from redis.asyncio.sentinel import Sentinel
from redis.exceptions import RedisError

from candlefish.client.redis.address import parse_sentinel_url
from harness.door import Door

CHUNK_BYTES: Final = 65_536
ASK_S: Final = 0.5
"""Seconds that a Sentinel on this machine may take."""


@asynccontextmanager
async def door_to_primary(sentinel_url: str) -> AsyncIterator[Door]:
    """Give the door, for as long as the block goes on."""
    address = parse_sentinel_url(sentinel_url)
    sentinels = address.sentinels
    password = sentinels[0].password
    login = {"password": password, "socket_timeout": ASK_S}
    fleet = Sentinel([(one.host, one.port) for one in sentinels], sentinel_kwargs=login)  # type: ignore[no-untyped-call]
    asked = list(fleet.sentinels)  # its own list loses some when it is reordered by several at a time
    passing: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(pass_through(reader, writer))
        passing.add(task)
        task.add_done_callback(passing.discard)

    async def pass_through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer.transport), suppress(OSError, RedisError):
            host, port = await fleet.discover_master(address.service)
            await _require_primary(host, port, password)
            there_reader, there_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Door("127.0.0.1", server.sockets[0].getsockname()[1], password)
    finally:
        server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        for sentinel in asked:
            await sentinel.aclose()


async def _require_primary(host: str, port: int, password: str) -> None:
    """Raise RedisError for a server that is none any more: a Sentinel that has not heard of it may still name it."""
    async with redis.Redis(host=host, port=port, password=password, socket_timeout=ASK_S) as client:
        if (await client.info("replication"))["role"] != "master":
            raise RedisError(f"{host}:{port} is a replica")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer.transport), suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
