"""cashews: redis-py below, with a pool for whose connections calls wait."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any, Final

from cashews import Cache
from cashews.picklers import PicklerType

from harness.door import Door
from peers.loader import Loader

TTL_S: Final = 3600
"""Longer than any run."""

FILL_BATCH: Final = 1000
"""Keys in one set_many."""

POOL_TIMEOUT_S: Final = 60


def open_cache(door: Door, *, connections: int, pickle_type: PicklerType) -> Cache:
    """Open a cache without the `repr` of each value that cashews makes by default."""
    cache = Cache()
    cache.setup(
        door.url(),
        max_connections=connections,
        socket_timeout=None,  # instead of 1 s: see peers.redis_py
        wait_for_connection_timeout=POOL_TIMEOUT_S,
        pickle_type=pickle_type,
        check_repr=False,
    )
    return cache


async def open_get(door: Door, tasks: int, *, connections: int = 10) -> Callable[[str], Awaitable[Any]]:
    """Return the cache's get, which hands bytes on as they are."""
    return open_cache(door, connections=connections, pickle_type=PicklerType.NULL).get


async def fill_get(door: Door, items: Iterable[tuple[str, bytes]], **_options: Any) -> None:
    """Keep values as cashews writes them."""
    cache = open_cache(door, connections=10, pickle_type=PicklerType.NULL)
    rest = iter(items)
    while batch := dict(islice(rest, FILL_BATCH)):
        await cache.set_many(batch, expire=TTL_S)
    await cache.close()


async def open_get_or_load(
    door: Door, tasks: int, loader: Loader, *, connections: int = 10, codec: str = "pickle", lock: bool = False
) -> Callable[[int], Awaitable[Any]]:
    """Return a decorated function."""
    pickle_type = PicklerType.JSON if codec == "json" else PicklerType.DEFAULT
    cache = open_cache(door, connections=connections, pickle_type=pickle_type)

    @cache(ttl=TTL_S, key="product:{number}", lock=lock)
    async def get_or_load(number: int) -> Any:
        return await loader.load(number)

    return get_or_load
