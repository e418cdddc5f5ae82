"""One loader run for each key in the whole fleet: each cache stands for a process."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.conftest import OpenCache
from tests.live.client.aside.loader import Loader, soon

from candlefish import Cache
from candlefish.client.aside.keys import name_lease
from candlefish.errors import CacheError

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server, StartServer

pytestmark = pytest.mark.live

FAR_S = 600.0
"""A lease that no test waits for the end of: who is answered was woken."""


async def test_a_cold_key_is_loaded_once_for_all_callers_of_all_processes(cache: Cache, other: Cache, key: str) -> None:
    loader = Loader([1, 2])
    callers = [one.get_or_load(key, loader) for _ in range(200) for one in (cache, other)]
    assert await asyncio.gather(*callers) == [[1, 2]] * 400
    assert loader.runs == 1
    assert cache.stats().loads + other.stats().loads == 1
    assert cache.stats().joined + other.stats().joined == 398
    assert cache.stats().errors + other.stats().errors == 0


async def test_who_waits_for_the_load_of_another_process_is_woken_when_it_is_done(
    open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=FAR_S), await open_cache(lease_s=FAR_S)
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, loader))
    await eventually(lambda: other.stats().waits)
    loader.let_go()
    assert await soon(asyncio.gather(loading, waiting)) == ["loaded", "loaded"]
    assert loader.runs == 1


async def test_a_loader_that_fails_frees_the_lease_at_once(
    open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=FAR_S), await open_cache(lease_s=FAR_S)
    failing = Loader(KeyError("no such row"), held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, failing))
    await failing.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, Loader("found")))
    await eventually(lambda: other.stats().waits)
    failing.let_go()
    with pytest.raises(KeyError, match="no such row"):
        await soon(loading)
    assert await soon(waiting) == "found"
    assert (cache.stats().load_errors, other.stats().load_errors) == (1, 0)


async def test_a_cache_that_is_closed_frees_its_leases_and_tells_its_callers(
    open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=FAR_S), await open_cache(lease_s=FAR_S)
    loader = Loader("never", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, Loader("loaded")))
    await eventually(lambda: other.stats().waits)
    await cache.close()
    with pytest.raises(CacheError, match="cancelled"):
        await loading
    assert loader.cancelled == 1
    assert await soon(waiting) == "loaded"


async def test_a_lease_is_held_as_long_as_the_loader_runs(
    open_cache: OpenCache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=0.3), await open_cache(lease_s=0.3)
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, loader))
    await eventually(lambda: server.calls("pexpire") >= 5)
    joining = asyncio.ensure_future(cache.get_or_load(key, loader))
    await eventually(lambda: cache.stats().joined)
    loader.let_go()
    assert await soon(asyncio.gather(loading, waiting, joining)) == ["loaded"] * 3
    assert loader.runs == 1


async def test_a_lease_whose_process_is_gone_ends_by_itself(open_cache: OpenCache, key: str, server: "Server") -> None:
    server.cli("SET", name_lease(key), "of a process that died", "PX", "300")
    other = await open_cache(lease_s=0.3)
    assert await soon(other.get_or_load(key, Loader("loaded"))) == "loaded"
    assert other.stats().waits == 1


async def test_what_was_loaded_under_a_lost_lease_is_answered_and_not_kept(
    cache: Cache, key: str, server: "Server"
) -> None:
    loader = Loader("late", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    server.cli("DEL", name_lease(key))
    loader.let_go()
    assert await loading == "late"
    assert await cache.get(key) is None
    assert cache.stats().refused_fills == 1


async def test_where_the_server_cannot_push_the_others_look_for_themselves(
    start_server: "StartServer", open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    old = start_server("--rename-command", "HELLO", "")
    url = f"redis://127.0.0.1:{old.port}"
    cache, other = await open_cache(url, lease_s=FAR_S), await open_cache(url, lease_s=FAR_S)
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, loader))
    await eventually(lambda: other.stats().waits)
    loader.let_go()
    assert await soon(asyncio.gather(loading, waiting)) == ["loaded", "loaded"]


async def test_large_values_are_waited_for_like_small_ones(
    open_cache: OpenCache, key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=FAR_S), await open_cache(lease_s=FAR_S)
    blob = bytes(300_000)
    for one in (cache, other):  # both have seen that the key is large
        await one.set(key, blob)
        assert await one.get(key) == blob
    await cache.delete(key)
    loader = Loader(blob, held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, loader))
    await eventually(lambda: other.stats().waits)
    loader.let_go()
    assert await soon(asyncio.gather(loading, waiting)) == [blob, blob]
    assert loader.runs == 1


async def test_a_cluster_has_one_load_for_each_key_too(
    cluster: "list[Server]", open_cache: OpenCache, key: str
) -> None:
    url = f"redis+cluster://127.0.0.1:{cluster[0].port}"
    cache, other = await open_cache("", cluster_url=url), await open_cache("", cluster_url=url)
    loaders = [Loader(number) for number in range(20)]
    callers = [
        one.get_or_load(f"{key}:{number}", loader)
        for number, loader in enumerate(loaders)
        for one in (cache, other)
        for _ in range(5)
    ]
    assert await asyncio.gather(*callers) == [number for number in range(20) for _ in range(10)]
    assert [loader.runs for loader in loaders] == [1] * 20
