"""dogpile.cache: it blocks, so its callers are threads; redis-py below."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

import orjson
import redis
from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE

from harness.door import Door
from peers.loader import Loader
from peers.values import key_of

TTL_S: Final = 3600
"""Longer than any run."""

POOL_TIMEOUT_S: Final = 60

LOCK_TIMEOUT_S: Final = 5
"""After which the lock of a process that died is free (by default never); 2 s were seen to end under a holder."""

FILL_BATCH: Final = 1000
"""Keys in one set_multi."""


def open_region(door: Door, *, connections: int, codec: str, distributed_lock: bool = False) -> CacheRegion:
    """Open a region on a pool for whose connections calls wait."""
    pool = redis.BlockingConnectionPool.from_url(
        door.url(), max_connections=connections, timeout=POOL_TIMEOUT_S, socket_timeout=None
    )
    codecs = {"serializer": orjson.dumps, "deserializer": orjson.loads} if codec == "orjson" else {}
    if codec == "raw":
        codecs = {"serializer": bytes, "deserializer": bytes}
    return make_region(**codecs).configure(
        "dogpile.cache.redis",
        expiration_time=TTL_S,
        arguments={
            "connection_pool": pool,
            "distributed_lock": distributed_lock,
            "lock_timeout": LOCK_TIMEOUT_S,
            "thread_local_lock": False,
        },
    )


def open_get(door: Door, tasks: int, *, connections: int = 16) -> Callable[[str], bytes | None]:
    """Return a region's get, which hands bytes on as they are."""
    get = open_region(door, connections=connections, codec="raw").get

    def get_or_none(key: str) -> bytes | None:
        value = get(key)
        return None if value is NO_VALUE else value

    return get_or_none


async def fill_get(door: Door, items: Iterable[tuple[str, bytes]], **_options: Any) -> None:
    """Keep values as dogpile writes them, with the time at which they were made."""
    region = open_region(door, connections=1, codec="raw")
    rest = iter(items)
    while batch := dict(islice(rest, FILL_BATCH)):
        region.set_multi(batch)


def open_get_or_load(
    door: Door,
    tasks: int,
    loader: Loader,
    *,
    connections: int = 16,
    codec: str = "pickle",
    distributed_lock: bool = False,
) -> Callable[[int], Any]:
    """Return a function around get_or_create."""
    region = open_region(door, connections=connections, codec=codec, distributed_lock=distributed_lock)

    def get_or_load(number: int) -> Any:
        return region.get_or_create(key_of(number), lambda: loader.load_blocking(number))

    return get_or_load
