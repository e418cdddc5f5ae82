"""redis-py with hiredis: each call under way has a connection of its own, out of a pool.

Its deadline for a reply, 5 s by default, is a timer for each call, which costs it up to a quarter of its speed: where
`deadline` is False, a server that says nothing is waited for without end.
"""

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


async def open_get(
    door: Door, tasks: int, *, connections: int = 0, deadline: bool = True
) -> Callable[[str], Awaitable[Any]]:
    """Return a client's get."""
    return open_client(door, connections, deadline).get


def open_client(door: Door, connections: int, deadline: bool) -> "redis.Redis":
    """Open a client on its default pool, or on a pool of so many connections for which calls wait."""
    options: dict[str, Any] = {} if deadline else {"socket_timeout": None}
    if not connections:
        return redis.Redis.from_url(door.url(), **options)
    pool = redis.BlockingConnectionPool.from_url(
        door.url(), max_connections=connections, timeout=POOL_TIMEOUT_S, **options
    )
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
    door: Door, tasks: int, loader: Loader, *, connections: int = 0, deadline: bool = True, codec: str = "json"
) -> Callable[[int], Awaitable[Any]]:
    """Return what applications write by hand: get, decode; else load and set."""
    client, decode = open_client(door, connections, deadline), DECODERS[codec]

    async def get_or_load(number: int) -> Any:
        key = key_of(number)
        raw = await client.get(key)
        if raw is not None:
            return decode(raw)
        value = await loader.load(number)
        await client.set(key, to_json(value), ex=TTL_S)
        return value

    return get_or_load
