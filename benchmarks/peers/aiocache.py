"""aiocache: redis-py below."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import redis.asyncio as redis
from aiocache import RedisCache, cached, cached_stampede
from aiocache.serializers import JsonSerializer, NullSerializer, PickleSerializer

from harness.door import Door
from peers.loader import Loader
from peers.values import key_of

TTL_S: Final = 3600
"""Longer than any run."""

POOL_TIMEOUT_S: Final = 60


def cache_options(door: Door, connections: int) -> dict[str, Any]:
    """Return what RedisCache takes: a pool for whose connections calls wait, no deadline of aiocache's own."""
    return {
        "endpoint": door.host,
        "port": door.port,
        "db": door.database,
        "password": door.password,
        "ssl": door.tls,
        "pool_max_size": connections,
        "connection_pool_class": redis.BlockingConnectionPool,
        "connection_pool_kwargs": {
            "timeout": POOL_TIMEOUT_S,
            "socket_timeout": None,  # see peers.redis_py
            **({"ssl_ca_certs": door.ca_file} if door.tls else {}),
        },
        "timeout": None,  # a deadline makes a task of every call
    }


async def open_get(door: Door, tasks: int, *, connections: int = 16) -> Callable[[str], Awaitable[Any]]:
    """Return the cache's get, which hands bytes on as they are."""
    return RedisCache(serializer=NullSerializer(encoding=None), **cache_options(door, connections)).get


async def open_get_or_load(
    door: Door, tasks: int, loader: Loader, *, connections: int = 16, codec: str = "json", lease_s: float = 0.0
) -> Callable[[int], Awaitable[Any]]:
    """Return a decorated function; with `lease_s`, one that keeps others from loading for so long."""
    options = {
        "cache": RedisCache,
        "ttl": TTL_S,
        "serializer": JsonSerializer() if codec == "json" else PickleSerializer(),
        "key_builder": lambda _function, number: key_of(number),
        **cache_options(door, connections),
    }

    @(cached_stampede(lease=lease_s, **options) if lease_s else cached(**options))
    async def get_or_load(number: int) -> Any:
        return await loader.load(number)

    return get_or_load
