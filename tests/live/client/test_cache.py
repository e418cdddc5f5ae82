"""`Cache` on the tier's Redis: cache-aside that lets the application go on."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from candlefish import Cache, CacheUnavailable, Database
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually, OpenProxy


class Loader:
    """Count how often it is asked; a load takes a moment."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.runs = 0

    async def __call__(self) -> object:
        self.runs += 1
        await asyncio.sleep(0.05)
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.fixture
async def cache(endpoints: Endpoints) -> AsyncIterator[Cache]:
    async with Cache.from_env(endpoints.to_env()) as cache:
        yield cache


@pytest.fixture
def key() -> str:
    return f"test:{uuid4().hex}"


async def test_a_value_is_kept_and_deleted(cache: Cache, key: str) -> None:
    assert await cache.get(key) is None
    assert await cache.set(key, {"n": [1, 2.5, "three", None]})
    assert await cache.get(key) == {"n": [1, 2.5, "three", None]}
    assert await cache.delete(key)
    assert await cache.get(key) is None
    assert (cache.stats().hits, cache.stats().misses, cache.stats().errors) == (1, 2, 0)


async def test_a_value_is_gone_after_its_time(cache: Cache, key: str, eventually: "Eventually") -> None:
    await cache.set(key, 1, ttl_s=0.05)

    async def gone() -> bool:
        return await cache.get(key) is None

    await eventually(gone)


async def test_a_cold_key_is_loaded_once_for_all_callers(cache: Cache, key: str) -> None:
    loader = Loader([1, 2, 3])
    assert await asyncio.gather(*(cache.get_or_load(key, loader) for _ in range(200))) == [[1, 2, 3]] * 200
    assert loader.runs == 1
    assert await cache.get_or_load(key, loader) == [1, 2, 3]
    stats = cache.stats()
    assert (stats.loads, stats.joined, stats.misses, stats.hits) == (1, 199, 200, 1)


async def test_none_is_a_value_too(cache: Cache, key: str) -> None:
    loader = Loader(None)
    assert [await cache.get_or_load(key, loader) for _ in range(3)] == [None] * 3
    assert loader.runs == 1


async def test_a_loader_that_fails_fails_for_every_caller_and_is_tried_again(cache: Cache, key: str) -> None:
    failed = await asyncio.gather(
        *(cache.get_or_load(key, Loader(KeyError("no such row"))) for _ in range(5)), return_exceptions=True
    )
    assert [type(error) for error in failed] == [KeyError] * 5
    assert await cache.get_or_load(key, Loader("found")) == "found"


async def test_a_caller_that_gives_up_does_not_take_the_load_from_the_others(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    loader = Loader("kept")
    callers = [asyncio.ensure_future(cache.get_or_load(key, loader)) for _ in range(3)]
    await eventually(lambda: loader.runs)
    callers[0].cancel()
    assert await asyncio.gather(*callers[1:]) == ["kept", "kept"]
    assert loader.runs == 1
    assert callers[0].cancelled()


async def test_what_was_being_loaded_when_its_key_was_deleted_is_not_kept(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    loader = Loader("old")
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await eventually(lambda: loader.runs)
    await cache.delete(key)
    assert await loading == "old"
    assert await cache.get(key) is None


@dataclass
class Widget:
    id: UUID
    title: str


async def test_a_value_comes_back_as_its_type(cache: Cache, key: str) -> None:
    widget = Widget(uuid4(), "latency")
    assert await cache.get_or_load(key, Loader(widget), shape=Widget) == widget
    assert await cache.get_or_load(key, Loader(None), shape=Widget) == widget


async def test_a_value_of_another_shape_is_loaded_anew(cache: Cache, key: str) -> None:
    await cache.set(key, ["an", "older", "shape"])
    widget = Widget(uuid4(), "latency")
    assert await cache.get_or_load(key, Loader(widget), shape=Widget) == widget
    assert await cache.get(key, shape=Widget) == widget


async def test_rows_are_kept_as_dicts(cache: Cache, key: str, endpoints: Endpoints) -> None:
    async with Database.from_env(endpoints.to_env()) as db:
        first = await cache.get_or_load(key, lambda: db.fetch("select 1 as one, 'x' as letter"))
    assert [dict(row) for row in first] == [{"one": 1, "letter": "x"}]
    assert await cache.get(key) == [{"one": 1, "letter": "x"}]


async def test_large_values_and_many_callers_keep_their_order(cache: Cache, key: str) -> None:
    blob = os.urandom(300_000)
    keys = [f"{key}:{number}" for number in range(50)]
    await asyncio.gather(*(cache.set(one, [number, blob]) for number, one in enumerate(keys)))
    values = await asyncio.gather(*(cache.get(one) for one in keys * 4))
    assert [value[0] for value in values] == list(range(50)) * 4
    assert all(value[1] == blob for value in values)


async def test_a_cancelled_call_does_not_shift_the_answers_of_the_others(cache: Cache, key: str) -> None:
    for number in range(20):
        await cache.set(f"{key}:{number}", number)
    calls = [asyncio.ensure_future(cache.get(f"{key}:{number}")) for number in range(20)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    assert await asyncio.gather(*calls[1::2]) == list(range(1, 20, 2))


async def test_an_observer_sees_each_lookup(endpoints: Endpoints, key: str) -> None:
    seen: list[tuple[str, bool]] = []

    def note(key: str, hit: bool, seconds: float) -> None:
        seen.append((key, hit))

    async with Cache.from_env(endpoints.to_env(), on_lookup=note) as cache:
        await cache.get_or_load(key, Loader(1))
        await cache.get_or_load(key, Loader(1))
    assert seen == [(key, False), (key, True)]


async def test_without_redis_the_application_goes_on(key: str) -> None:
    async with Cache("redis://:x@127.0.0.1:1") as cache:
        assert [await cache.get_or_load(key, Loader("loaded")) for _ in range(3)] == ["loaded"] * 3
        assert (await cache.get(key), await cache.set(key, 1), await cache.delete(key)) == (None, False, False)
        assert cache.stats().errors >= 6
        with pytest.raises(CacheUnavailable):
            await cache.ping()


async def test_with_a_wrong_password_the_application_goes_on(endpoints: Endpoints, key: str) -> None:
    async with Cache(f"redis://:wrong@{endpoints.redis_endpoint}") as cache:
        assert await cache.get_or_load(key, Loader("loaded")) == "loaded"
        with pytest.raises(CacheUnavailable):
            await cache.ping()


async def test_hits_resume_when_redis_comes_back(endpoints: Endpoints, open_proxy: "OpenProxy", key: str) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url) as cache:
        await cache.set(key, "kept")
        await proxy.die()
        assert await cache.get_or_load(key, Loader("loaded")) == "loaded"
        await proxy.come_back()
        hits = cache.stats().hits
        async with asyncio.timeout(20):
            while cache.stats().hits == hits:
                assert await cache.get_or_load(key, Loader("loaded")) in ("kept", "loaded")
        assert cache.stats().reconnects == 1


async def test_a_silent_redis_is_given_up(endpoints: Endpoints, open_proxy: "OpenProxy", key: str) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url, timeout_s=0.2) as cache:
        await cache.set(key, "kept")
        proxy.fall_silent()
        answers = await asyncio.gather(*(cache.get_or_load(f"{key}:{n}", Loader(n)) for n in range(20)))
        assert answers == list(range(20))
        assert cache.stats().errors >= 20


async def test_a_connection_that_breaks_under_a_lookup_is_replaced_and_the_lookup_repeated(
    endpoints: Endpoints, open_proxy: "OpenProxy", key: str
) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url) as cache:
        await cache.set(key, "kept")
        proxy.fall_silent()
        looking = asyncio.ensure_future(cache.get(key))
        await asyncio.sleep(0.05)
        proxy.cut()
        assert await looking == "kept"


def test_a_cache_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError):
        Cache()
    with pytest.raises(UsageError, match="CANDLEFISH_REDIS_URL"):
        Cache.from_env({})
