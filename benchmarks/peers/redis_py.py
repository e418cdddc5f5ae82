"""redis-py with hiredis: each call under way has a connection of its own, out of a pool."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import msgspec
import orjson
import redis.asyncio as redis

from harness.door import Door
from peers.loader import Loader
from peers.values import Product, key_of, to_json

TTL_S: Final = 3600
"""Longer than any run."""

POOL_TIMEOUT_S: Final = 60
"""How long a call may wait for a connection; redis-py's default of 20 s is as good here."""

FILL_BATCH: Final = 1000
"""SETs in one pipeline."""

DECODERS: Final[dict[str, Callable[[Any], Any]]] = {
    "json": json.loads,
    "orjson": orjson.loads,
    "msgspec": msgspec.json.Decoder(Product).decode,
}


async def open_get(door: Door, tasks: int, *, connections: int = 0) -> Callable[[str], Awaitable[Any]]:
    """Return a client's get."""
    return open_client(door, connections).get


def open_client(door: Door, connections: int) -> "redis.Redis":
    """Open a client on its default pool, or on a pool of so many connections for which calls wait."""
    if not connections:
        return redis.Redis.from_url(door.url())
    pool = redis.BlockingConnectionPool.from_url(door.url(), max_connections=connections, timeout=POOL_TIMEOUT_S)
    return redis.Redis(connection_pool=pool)


async def fill_get(door: Door, items: Iterable[tuple[str, bytes]], **_options: Any) -> None:
    """Keep plain values."""
    async with redis.Redis.from_url(door.url()) as client, client.pipeline(transaction=False) as pipeline:
        for key, value in items:
            pipeline.set(key, value, ex=TTL_S)
            if len(pipeline) >= FILL_BATCH:
                await pipeline.execute()
        await pipeline.execute()


async def open_get_or_load(
    door: Door, tasks: int, loader: Loader, *, connections: int = 0, codec: str = "json"
) -> Callable[[int], Awaitable[Any]]:
    """Return what applications write by hand: get, decode; else load and set."""
    client, decode = open_client(door, connections), DECODERS[codec]

    async def get_or_load(number: int) -> Any:
        key = key_of(number)
        raw = await client.get(key)
        if raw is not None:
            return decode(raw)
        value = await loader.load(number)
        await client.set(key, to_json(value), ex=TTL_S)
        return value

    return get_or_load
