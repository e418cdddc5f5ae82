"""`Cache` on the tier's Redis, beside its database; what a fleet, a policy or an outage asks of it is in `aside/`."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from tests.live.client.aside.loader import Loader

from candlefish import Cache, CacheUnavailable, Database
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually, OpenProxy


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


async def test_rows_are_dicts_from_the_first_call_on(cache: Cache, key: str, endpoints: Endpoints) -> None:
    async with Database.from_env(endpoints.to_env()) as db:
        for _ in range(2):
            rows = await cache.get_or_load(key, lambda: db.fetch("select 1 as one, 'x' as letter"))
            assert str(rows) == "[{'one': 1, 'letter': 'x'}]"
    assert cache.stats().loads == 1


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
        assert seconds > 0
        seen.append((key, hit))

    async with Cache.from_env(endpoints.to_env(), on_lookup=note) as cache:
        await cache.get_or_load(key, Loader(1))
        await cache.get_or_load(key, Loader(1))
        await cache.get(f"{key}:none")
        await cache.get_many([key, f"{key}:none"])
    assert seen == [(key, False), (key, True), (f"{key}:none", False), (key, True), (f"{key}:none", False)]


async def test_with_a_wrong_password_the_application_goes_on(endpoints: Endpoints, key: str) -> None:
    async with Cache(f"redis://:wrong@{endpoints.redis_endpoint}") as cache:
        assert await cache.get_or_load(key, Loader("loaded")) == "loaded"
        with pytest.raises(CacheUnavailable):
            await cache.ping()


async def test_hits_resume_when_redis_comes_back(
    endpoints: Endpoints, open_proxy: "OpenProxy", key: str, eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url) as cache:
        await cache.set(key, "kept")
        await proxy.die()
        assert await cache.get_or_load(key, Loader("loaded")) == "loaded"
        await proxy.come_back()

        async def hits() -> bool:
            return bool(await cache.get_or_load(key, Loader("loaded")) == "kept")

        await eventually(hits)
        assert cache.stats().reconnects == 1


async def test_a_silent_redis_is_given_up(endpoints: Endpoints, open_proxy: "OpenProxy", key: str) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url, timeout_s=0.2) as cache:
        await cache.set(key, "kept")
        proxy.fall_silent()
        answers = await asyncio.gather(*(cache.get_or_load(f"{key}:{n}", Loader(n)) for n in range(20)))
        assert answers == list(range(20))
        assert cache.stats().errors >= 20


async def test_a_connection_that_breaks_under_a_lookup_costs_a_load_and_no_error(
    endpoints: Endpoints, open_proxy: "OpenProxy", key: str, eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.redis_url)
    async with Cache(proxy.url, timeout_s=30.0) as cache:
        await cache.set(key, "kept")
        proxy.fall_silent()
        looking = asyncio.ensure_future(cache.get_or_load(key, Loader("loaded")))
        await asyncio.sleep(0)
        proxy.cut()
        assert await looking == "loaded"
        await eventually(lambda: not cache.stats().circuit_open)


def test_a_cache_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="redis_url"):
        Cache()
    with pytest.raises(UsageError, match="CANDLEFISH_REDIS_URL"):
        Cache.from_env({})


def test_the_environment_names_a_sharded_cache_or_the_sentinels_before_a_single_server() -> None:
    env = {"CANDLEFISH_REDIS_URL": "no url"}
    Cache.from_env({**env, "CANDLEFISH_SENTINEL_URL": "redis+sentinel://127.0.0.1:1/service"})
    Cache.from_env({**env, "CANDLEFISH_REDIS_CLUSTER_URL": "redis+cluster://127.0.0.1:1"})
    with pytest.raises(UsageError, match="no url"):
        Cache.from_env(env)
