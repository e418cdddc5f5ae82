"""candlefish, with the deadlines, the reconnects and the circuit that it has by default."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any, Final

from candlefish import Cache
from harness.door import Door
from peers.loader import Loader
from peers.values import Product, key_of

TTL_S: Final = 3600
"""Longer than any run."""

FILL_BATCH: Final = 1000
"""Sets under way at a time."""


async def open_cache(door: Door, **options: Any) -> Cache:
    """Open a cache for as long as the process lives."""
    cache = Cache(door.url(), ttl_s=TTL_S, **options)
    return await cache.__aenter__()


async def open_get(door: Door, tasks: int) -> Callable[[str], Awaitable[Any]]:
    """Return the cache's get, which hands bytes on as they are."""
    return (await open_cache(door, codec="raw")).get


async def fill_get(door: Door, items: Iterable[tuple[str, bytes]], **_options: Any) -> None:
    """Keep values as candlefish writes them."""
    async with Cache(door.url(), codec="raw", ttl_s=TTL_S) as cache:
        rest = iter(items)
        while batch := list(islice(rest, FILL_BATCH)):
            await asyncio.gather(*(cache.set(key, value) for key, value in batch))


async def open_get_or_load(
    door: Door, tasks: int, loader: Loader, *, decorated: bool = False
) -> Callable[[int], Awaitable[Any]]:
    """Return a function around get_or_load, or one that the decorator made of the loader."""
    cache = await open_cache(door)
    if decorated:

        @cache.cached("product:{number}")
        async def load(number: int) -> Product:
            return Product(**await loader.load(number))

        return load

    async def get_or_load(number: int) -> Any:
        return await cache.get_or_load(key_of(number), partial(loader.load, number), shape=Product)

    return get_or_load
