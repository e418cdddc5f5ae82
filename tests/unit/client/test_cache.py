"""What a cache says before it has a Redis."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from candlefish import Cache
from candlefish.errors import UsageError


async def load() -> int:
    return 1


async def load_many(ids: list[int]) -> dict[int, int]:
    return {number: number for number in ids}


CALLS: dict[str, Callable[[Cache], Awaitable[Any]]] = {
    "get": lambda cache: cache.get("key"),
    "get_many": lambda cache: cache.get_many(["key"]),
    "get_or_load": lambda cache: cache.get_or_load("key", load),
    "get_many_or_load": lambda cache: cache.get_many_or_load("key:{}", [1], load_many),
    "refresh": lambda cache: cache.refresh("key", load),
    "set": lambda cache: cache.set("key", 1),
    "delete": lambda cache: cache.delete("key"),
    "ping": lambda cache: cache.ping(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_cache_that_is_not_open_says_how_it_is_opened(call: Callable[[Cache], Awaitable[Any]]) -> None:
    cache = Cache("redis://127.0.0.1:1")
    for _ in range(2):
        with pytest.raises(UsageError, match="not open") as refused:
            await call(cache)
        assert "async with" in refused.value.hint
        async with cache:
            pass


async def test_a_circuit_is_open_only_while_the_cache_is() -> None:
    cache = Cache("redis://127.0.0.1:1")
    assert not cache.stats().circuit_open
    async with cache:
        assert cache.stats().circuit_open
    assert not cache.stats().circuit_open
