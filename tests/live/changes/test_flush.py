"""Everything is forgotten, and no load that began before it is kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.live.changes.forgetting import await_kept
from tests.live.client.redis.conftest import Server, cluster, server, start_server

from candlefish import Cache
from candlefish.changes.change import Change, Invalidations
from candlefish.changes.flush import Flush
from candlefish.changes.moment import Moment
from candlefish.changes.redis_sink import RedisSink
from candlefish.client.aside.fences import Fences, parse_fence
from candlefish.client.fence import Snapshot, Writer
from candlefish.client.redis.address import parse_url
from candlefish.client.redis.client import Redis

__all__ = ["cluster", "server", "start_server"]  # fixtures of the client's tests

pytestmark = pytest.mark.live

NAMES = [f"key:{number}" for number in range(300)]
PREFIX = "a[p]p*:"
"""Not a pattern, though it looks like one."""


class Still:
    """A primary that always says the same, until it is told otherwise."""

    def __init__(self, moment: Moment) -> None:
        self.last: Moment | None = moment

    async def fetch(self) -> Moment:
        assert self.last is not None
        return self.last

    async def close(self) -> None:
        """There is no connection."""


@pytest.fixture(params=["server", "cluster"])
async def url(request: pytest.FixtureRequest) -> str:
    if request.param == "server":
        one: Server = request.getfixturevalue("server")
        return f"redis://127.0.0.1:{one.port}"
    nodes: list[Server] = request.getfixturevalue("cluster")
    return f"redis+cluster://127.0.0.1:{nodes[0].port}"


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    redis = Redis(parse_url(url), timeout_s=5.0)
    await redis.open()
    yield redis
    await redis.close()


def open_cache(url: str, prefix: str) -> Cache:
    return Cache(cluster_url=url, prefix=prefix) if "cluster" in url else Cache(url, prefix=prefix)


async def test_all_of_a_cache_is_forgotten_and_nothing_of_its_neighbours(url: str, redis: Redis) -> None:
    async with open_cache(url, PREFIX) as own, open_cache(url, "app:") as other:
        for cache in (own, other):
            assert all(await asyncio.gather(*(cache.set(name, 1) for name in NAMES)))
        await Flush(redis, PREFIX, sharded="cluster" in url).run()
        assert await own.get_many(NAMES) == {}
        assert len(await other.get_many(NAMES)) == len(NAMES)


async def test_a_load_that_began_before_is_answered_and_not_kept(url: str, redis: Redis) -> None:
    async with open_cache(url, PREFIX) as cache:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def load() -> str:
            begun.set()
            await may_end.wait()
            return "old"

        loading = asyncio.create_task(cache.get_or_load("key", load))
        await begun.wait()
        await Flush(redis, PREFIX, sharded="cluster" in url).run()
        may_end.set()
        assert await loading == "old"
        assert await cache.get("key") is None


async def test_a_change_that_has_not_ended_stands_in_the_fence_until_it_has(url: str, redis: Redis) -> None:
    sharded = "cluster" in url
    primary = Still(Moment("7", 1, 500, Snapshot(100, 200, (150,))))
    sink = RedisSink(redis, primary, PREFIX, sharded=sharded)  # type: ignore[arg-type]  # it asks as little
    change = Change(150, 600, 610, datetime.now(UTC), 1, Invalidations(("key",)), 1)
    async with open_cache(url, PREFIX) as cache:
        await cache.set("key", "old")
        working = asyncio.create_task(sink.invalidate([change]))
        await await_kept(cache, ["key"], set())
        fence = await redis.call("key", "GET", Fences(PREFIX, sharded=sharded).name(f"{PREFIX}key"))
        assert parse_fence(fence).writers == (Writer(1, 150),)
        assert not working.done()
        primary.last = Moment("7", 1, 700, Snapshot(200, 200, ()))
        await asyncio.wait_for(working, 10)


async def test_a_place_whose_fence_is_lost_meanwhile_is_forgotten_once_more(url: str, redis: Redis) -> None:
    sharded = "cluster" in url
    primary = Still(Moment("7", 1, 500, Snapshot(100, 200, (150,))))
    sink = RedisSink(redis, primary, PREFIX, sharded=sharded)  # type: ignore[arg-type]  # it asks as little
    change = Change(150, 600, 610, datetime.now(UTC), 1, Invalidations(("key",)), 1)
    async with open_cache(url, PREFIX) as cache:
        await cache.set("key", "old")
        working = asyncio.create_task(sink.invalidate([change]))
        await await_kept(cache, ["key"], set())
        fence = Fences(PREFIX, sharded=sharded).name(f"{PREFIX}key")
        await redis.call(fence, "DEL", fence)
        await cache.set("key", "old, read while nobody saw the commit")
        primary.last = Moment("7", 1, 700, Snapshot(200, 200, ()))
        await asyncio.wait_for(working, 10)
        assert await cache.get("key") is None
