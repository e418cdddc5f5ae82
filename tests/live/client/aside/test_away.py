"""While Redis is away every answer is right, nothing is raised, and what has to be forgotten is remembered."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.conftest import OpenCache
from tests.live.client.aside.loader import Batches, Loader, soon

from candlefish import Cache
from candlefish.client.aside.policy import Policy
from candlefish.errors import CacheError, CacheUnavailable, LoadTimeout, UsageError

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually, OpenProxy
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live


async def test_without_redis_the_application_goes_on(
    cache: Cache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    await cache.set(key, "kept")
    server.kill()
    loader = Loader("loaded")
    assert [await cache.get_or_load(key, loader) for _ in range(3)] == ["loaded"] * 3
    assert await cache.get_many_or_load(f"{key}:{{}}", range(3), Batches()) == {n: f"value {n}" for n in range(3)}
    assert (await cache.get(key), await cache.get_many([key])) == (None, {})
    assert (await cache.set(key, 1), await cache.delete(key)) == (False, False)
    assert await cache.refresh(key, loader) == "loaded"
    with pytest.raises(CacheUnavailable):
        await cache.ping()
    assert cache.stats().circuit_open
    assert cache.stats().errors >= 8
    server.start()
    await eventually(lambda: not cache.stats().circuit_open)
    assert [await cache.get_or_load(key, loader) for _ in range(2)] == ["loaded"] * 2
    assert cache.stats().reconnects == 1
    assert cache.stats().away_s > 0


async def test_a_cache_that_never_found_redis_goes_on(open_cache: OpenCache, key: str) -> None:
    cache = await open_cache("redis://127.0.0.1:1")
    assert [await cache.get_or_load(key, Loader("loaded")) for _ in range(3)] == ["loaded"] * 3


async def test_values_come_back_as_they_do_from_redis(open_cache: OpenCache, key: str) -> None:
    cache = await open_cache("redis://127.0.0.1:1")
    assert await cache.get_or_load(key, Loader((1, {2}))) == [1, [2]]


async def test_a_redis_that_hangs_is_given_up_and_used_again(
    open_cache: OpenCache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    cache = await open_cache(timeout_s=0.2)
    await cache.set(key, "kept")
    server.stop()
    loaders = [Loader(number) for number in range(20)]
    answers = await asyncio.gather(*[cache.get_or_load(f"{key}:{n}", loader) for n, loader in enumerate(loaders)])
    assert answers == list(range(20))
    assert [loader.runs for loader in loaders] == [1] * 20
    server.go_on()

    async def hits() -> bool:
        return bool(await cache.get(key) == "kept")

    await eventually(hits)


async def test_without_redis_a_key_is_loaded_once_in_each_process(open_cache: OpenCache, key: str) -> None:
    cache = await open_cache("redis://127.0.0.1:1")
    loader = Loader("loaded", held=True)
    callers = [asyncio.ensure_future(cache.get_or_load(key, loader)) for _ in range(50)]
    await loader.begun.wait()
    loader.let_go()
    assert await asyncio.gather(*callers) == ["loaded"] * 50
    assert loader.runs == 1


async def test_without_redis_a_caller_that_gives_up_does_not_take_the_load_from_the_others(
    open_cache: OpenCache, key: str
) -> None:
    cache = await open_cache("redis://127.0.0.1:1")
    loader = Loader("loaded", held=True)
    callers = [asyncio.ensure_future(cache.get_or_load(key, loader)) for _ in range(3)]
    await loader.begun.wait()
    callers[0].cancel()
    loader.let_go()
    assert await asyncio.gather(*callers[1:]) == ["loaded"] * 2
    assert callers[0].cancelled()
    assert (loader.runs, loader.cancelled) == (1, 0)


async def test_without_redis_a_loader_that_fails_fails_for_all_who_wait_and_the_next_tries_again(
    open_cache: OpenCache, key: str
) -> None:
    cache = await open_cache("redis://127.0.0.1:1")
    loader = Loader(KeyError("no such row"))
    failed = await asyncio.gather(*[cache.get_or_load(key, loader) for _ in range(5)], return_exceptions=True)
    assert [str(error) for error in failed] == ["'no such row'"] * 5
    assert loader.runs == 1
    assert await cache.get_or_load(key, Loader("found")) == "found"


async def test_without_redis_a_loader_that_is_cancelled_from_within_cancels_no_caller(
    open_cache: OpenCache, key: str
) -> None:
    async def load() -> None:
        raise asyncio.CancelledError

    cache = await open_cache("redis://127.0.0.1:1")
    with pytest.raises(CacheError, match="was cancelled"):
        await soon(cache.get_or_load(key, load))


async def test_without_redis_a_load_is_bounded_by_its_hard_timeout(open_cache: OpenCache, key: str) -> None:
    cache = await open_cache("redis://127.0.0.1:1", policy=Policy(hard_timeout_s=0.01), loads_while_away=1)
    loader = Loader("late", held=True)
    with pytest.raises(LoadTimeout):
        await soon(cache.get_or_load(key, loader))
    assert loader.cancelled == 1
    assert await soon(cache.get_or_load(key, Loader("loaded"), policy=Policy())) == "loaded"


async def test_without_redis_a_cache_that_is_closed_fails_its_loads_begun_or_not(
    open_cache: OpenCache, key: str
) -> None:
    before = asyncio.all_tasks()
    cache = await open_cache("redis://127.0.0.1:1", loads_while_away=2)
    loaders = [Loader(number, held=True) for number in range(4)]
    callers = [asyncio.ensure_future(cache.get_or_load(f"{key}:{n}", loader)) for n, loader in enumerate(loaders)]
    await asyncio.gather(loaders[0].begun.wait(), loaders[1].begun.wait())
    callers.append(asyncio.ensure_future(cache.get_or_load(f"{key}:late", Loader("late"))))
    await asyncio.sleep(0)  # its load has a task that has not run yet
    await cache.close()
    outcomes = await soon(asyncio.gather(*callers, return_exceptions=True))
    assert [type(outcome) for outcome in outcomes] == [CacheError] * 5
    assert asyncio.all_tasks() == before


async def test_without_redis_only_so_many_loads_run_at_once(
    open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache = await open_cache("redis://127.0.0.1:1", loads_while_away=4)
    running = most = 0
    gate = asyncio.Event()

    async def load() -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return "loaded"

    callers = [asyncio.ensure_future(cache.get_or_load(f"{key}:{number}", load)) for number in range(30)]
    await eventually(lambda: running == 4)
    gate.set()
    assert await asyncio.gather(*callers) == ["loaded"] * 30
    assert most == 4


async def test_what_is_being_loaded_when_redis_dies_is_answered(
    cache: Cache, other: Cache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, Loader("loaded")))
    await eventually(lambda: other.stats().waits)
    server.kill()
    assert await soon(waiting) == "loaded"
    loader.let_go()
    assert await soon(loading) == "loaded"


async def test_what_was_deleted_while_redis_was_away_is_gone_before_anyone_reads_it_again(
    open_cache: OpenCache, open_proxy: "OpenProxy", key: str, url: str, eventually: "Eventually"
) -> None:
    proxy = await open_proxy(url)
    cache = await open_cache(f"redis://127.0.0.1:{proxy.port}")
    keys = [f"{key}:{number}" for number in range(2500)]
    for one in keys:
        await cache.set(one, "old")
    await proxy.die()
    assert not await cache.delete(*keys[:-1])
    assert not await cache.set(keys[-1], "newer")
    await proxy.come_back()
    await eventually(lambda: not cache.stats().circuit_open)
    assert await cache.get_many(keys) == {}


async def test_a_delete_while_redis_was_away_ends_the_loads_of_others_too(
    cache: Cache, open_cache: OpenCache, open_proxy: "OpenProxy", key: str, url: str, eventually: "Eventually"
) -> None:
    proxy = await open_proxy(url)
    cut_off = await open_cache(f"redis://127.0.0.1:{proxy.port}")
    loader = Loader("old", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    await proxy.die()
    assert not await cut_off.delete(key)
    await proxy.come_back()
    await eventually(lambda: not cut_off.stats().circuit_open)
    loader.let_go()
    assert await loading == "old"
    assert await cut_off.get(key) is None


async def test_a_stale_value_that_was_read_in_time_is_served_when_redis_and_the_loader_fail(
    cache: Cache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    policy = Policy(ttl_s=0.001, stale_on_error_s=600)
    await cache.get_or_load(key, Loader("old"), policy=policy)

    async def is_over() -> bool:
        return await cache.get(key) is None

    await eventually(is_over)
    loader = Loader(OSError("down"), held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader, policy=policy))
    await loader.begun.wait()
    server.kill()
    loader.let_go()
    assert await soon(loading) == "old"


async def test_a_redis_that_is_full_is_no_cache_and_no_error(cache: Cache, key: str, server: "Server") -> None:
    server.cli("CONFIG", "SET", "maxmemory", "1")
    loader = Loader("loaded")
    assert [await cache.get_or_load(key, loader) for _ in range(2)] == ["loaded"] * 2
    assert not await cache.set(key, 1)
    assert await cache.delete(key)
    server.cli("CONFIG", "SET", "maxmemory", "0")
    assert [await cache.get_or_load(key, loader) for _ in range(2)] == ["loaded"] * 2
    assert loader.runs == 3


async def test_a_value_that_a_full_redis_did_not_take_leaves_no_older_one(
    cache: Cache, key: str, server: "Server"
) -> None:
    await cache.set(key, "old")
    server.cli("CONFIG", "SET", "maxmemory", "1")
    assert not await cache.set(key, "new")
    assert await cache.get(key) is None


async def test_a_load_that_a_full_redis_does_not_keep_frees_its_lease(
    open_cache: OpenCache, key: str, server: "Server"
) -> None:
    cache = await open_cache(lease_s=600.0)
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    server.cli("CONFIG", "SET", "maxmemory", "1")
    loader.let_go()
    assert await soon(loading) == "loaded"
    assert server.cli("KEYS", f"*{key}*") == ""
    assert cache.stats().errors == 1


async def test_a_cluster_without_one_node_serves_the_keys_of_the_others(
    cluster: "list[Server]", open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache = await open_cache("", cluster_url=f"redis+cluster://127.0.0.1:{cluster[0].port}", timeout_s=0.5)
    keys = [f"{key}:{number}" for number in range(60)]
    await asyncio.gather(*[cache.set(one, "kept") for one in keys])
    cluster[2].kill()

    async def some_are_away() -> bool:
        return 0 < len(await cache.get_many(keys)) < len(keys)

    await eventually(some_are_away)
    values = await asyncio.gather(*[cache.get_or_load(one, Loader("loaded")) for one in keys])
    assert {"kept", "loaded"} == set(values)
    loaded = await cache.get_many_or_load(f"{key}:{{}}", range(60), Batches())
    assert set(loaded.values()) - {"kept"} <= {f"value {number}" for number in range(60)}


def test_a_closed_cache_can_be_opened_again_in_another_event_loop(
    url: str, key: str, server: "Server", eventually: "Eventually"
) -> None:
    cache = Cache(url, loads_while_away=1)

    async def use() -> None:
        async with cache:
            with pytest.raises(UsageError, match="open already"):
                await cache.__aenter__()
            assert await cache.set(key, "kept")
            server.kill()
            assert not await cache.delete(key)
            answers = [cache.get_or_load(f"{key}:{number}", Loader(number)) for number in range(5)]
            assert await asyncio.gather(*answers) == list(range(5))
            server.start()
            await eventually(lambda: not cache.stats().circuit_open)
            assert await cache.get(key) is None

    async def forget_while_away() -> None:
        async with cache:
            assert await cache.set(key, "kept")
            server.stop()
            assert not await cache.delete(key)

    async def look() -> None:
        async with cache:
            assert await cache.get(key) is None

    asyncio.run(use())
    asyncio.run(use())
    asyncio.run(forget_while_away())
    server.go_on()
    asyncio.run(look())
