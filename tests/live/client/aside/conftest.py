"""A Redis of the tests' own, and caches on it: each is what a process of its own would have."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.live.client.redis.conftest import Server, cluster, server, start_server

from candlefish import Cache

__all__ = ["cluster", "server", "start_server"]

OpenCache = Callable[..., Awaitable[Cache]]

TIMEOUT_S = 5.0
"""Of each call, where a test does not ask for another: the machine may be busy."""


@pytest.fixture
def url(server: Server) -> str:
    """Give the URL of the server."""
    return f"redis://127.0.0.1:{server.port}"


@pytest.fixture
async def open_cache(url: str) -> AsyncIterator[OpenCache]:
    """Give a function that opens a cache with options."""
    opened: list[Cache] = []

    async def open_one(redis_url: str = url, **options: Any) -> Cache:
        cache = Cache(redis_url, **{"timeout_s": TIMEOUT_S, **options})
        opened.append(cache)
        return await cache.__aenter__()

    yield open_one
    for cache in opened:
        await cache.close()


@pytest.fixture
async def cache(open_cache: OpenCache) -> Cache:
    """Give a cache."""
    return await open_cache()


@pytest.fixture
async def other(open_cache: OpenCache) -> Cache:
    """Give the cache of another process."""
    return await open_cache()


@pytest.fixture
def key() -> str:
    """Give a key that nobody has used."""
    return f"test:{uuid4().hex}"
