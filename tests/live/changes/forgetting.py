"""A cache that tests fill and look into, and a follower that makes it forget."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from candlefish import Cache
from candlefish.changes.service import Progress, Route, follow
from candlefish.changes.source import Source
from candlefish.client.redis.address import parse_url
from candlefish.client.rules import Rule
from candlefish.endpoints import Endpoints


def make_route(source: Source, rules: tuple[Rule, ...], endpoints: Endpoints, prefix: str, url: str = "") -> Route:
    """Return the way from a test's database to the tier's cache."""
    return Route(source, rules, parse_url(url or endpoints.sentinel_url), prefix)


@asynccontextmanager
async def forgetting(route: Route) -> AsyncIterator[list[Progress]]:
    """Run a follower beside the test, and give what it tells."""
    told: list[Progress] = []
    task = asyncio.create_task(follow(route, told.append))
    try:
        yield told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def keep(cache: Cache, keys: Iterable[str]) -> None:
    """Have the cache keep something under each key."""
    assert all(await asyncio.gather(*(cache.set(key, "kept") for key in keys)))


async def kept(cache: Cache, keys: Iterable[str]) -> set[str]:
    """Return the keys that are still kept."""
    return set(await cache.get_many(keys))


async def await_kept(cache: Cache, keys: Iterable[str], wanted: set[str], within_s: float = 90) -> None:
    """Wait until of these keys only the wanted ones are kept."""
    keys = list(keys)
    async with asyncio.timeout(within_s):
        while await kept(cache, keys) != wanted:  # noqa: ASYNC110  # it happens in a server, which sets no event here
            await asyncio.sleep(0.02)
