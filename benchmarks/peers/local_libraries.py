"""The libraries of `local_tier.py`, each opened with the keys kept in Redis and a tier in the process."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from cashews import Cache as Cashews
from cashews.picklers import PicklerType

from peers.candlefish import TTL_S, fill_get, open_cache
from peers.local_tiers import NUMBERS, LocalJob
from peers.values import Product, key_of, product_of, text_of

LOCAL_BYTES: Final = 64_000_000
"""Room for all of them."""

Get = Callable[[str], Awaitable[Any]]


async def open_candlefish(job: LocalJob) -> Get:
    """Return the cache's get, which hands bytes on as they are."""
    await fill_get(job.door, _texts(job))
    return (await open_cache(job.door, codec="raw", local_max_bytes=LOCAL_BYTES)).get


async def open_candlefish_typed(job: LocalJob) -> Get:
    """Return get_or_load, which decodes a Struct for each caller."""
    cache = await open_cache(job.door, local_max_bytes=LOCAL_BYTES)
    for number in NUMBERS:
        await cache.set(key_of(number), Product(**product_of(number, job.value_bytes)))
    return partial(cache.get_or_load, loader=_never, shape=Product)


async def open_cashews(job: LocalJob) -> Get:
    """Return the cache's get, with its client side tracking."""
    cache = Cashews()
    cache.setup(job.door.url(), client_side=True, pickle_type=PicklerType.NULL, check_repr=False)
    for key, text in _texts(job):
        await cache.set(key, text, expire=TTL_S)
    return cache.get


def _texts(job: LocalJob) -> list[tuple[str, bytes]]:
    return [(key_of(number), text_of(number, job.value_bytes)) for number in NUMBERS]


async def _never() -> Any:
    raise AssertionError("a key was not there")
