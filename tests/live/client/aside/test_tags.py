"""Tags: what ends when one is deleted, in every process, and what does not."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.loader import Batches, Loader

from candlefish import Cache
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server, StartServer

pytestmark = pytest.mark.live


async def test_deleting_a_tag_ends_all_that_is_kept_under_it(cache: Cache, other: Cache, key: str) -> None:
    tags, both = (f"org:{key}",), (f"org:{key}", f"user:{key}")
    assert await cache.get_or_load(f"{key}:1", Loader(1), tags=tags) == 1
    assert await cache.get_or_load(f"{key}:2", Loader(2), tags=both) == 2
    assert await cache.set(f"{key}:3", 3, tags=tags)
    assert await cache.get_or_load(f"{key}:4", Loader(4)) == 4
    assert await other.get(f"{key}:1", tags=tags) == 1
    assert await other.get_many([f"{key}:1", f"{key}:3"], tags=tags) == {f"{key}:1": 1, f"{key}:3": 3}
    assert await other.delete(tags=[f"user:{key}"])
    assert await cache.get(f"{key}:2", tags=both) is None
    assert await cache.get(f"{key}:1", tags=tags) == 1
    assert await other.delete(tags=tags)
    assert await cache.get_many([f"{key}:1", f"{key}:3"], tags=tags) == {}
    assert await cache.get(f"{key}:4") == 4
    assert await cache.get_or_load(f"{key}:1", Loader("new"), tags=tags) == "new"
    assert await other.get(f"{key}:1", tags=tags) == "new"


async def test_a_value_is_found_under_the_tags_under_which_it_was_kept(cache: Cache, key: str) -> None:
    assert await cache.get_or_load(key, Loader(1), tags=("a", "b")) == 1
    for tags in [(), ("a",), ("b", "a"), ("a", "b", "c")]:
        assert await cache.get(key, tags=tags) is None
    assert await cache.get(key, tags=["a", "b", "a"]) == 1


async def test_none_and_policies_are_kept_under_tags_too(open_cache: "OpenCache", key: str) -> None:
    cache = await open_cache(compress_from_bytes=10)
    assert await cache.get_or_load(key, Loader(None), tags=("a",)) is None
    again = Loader("again")
    assert await cache.get_or_load(key, again, tags=("a",)) is None
    assert await cache.get_or_load(f"{key}:long", Loader("x" * 1000), tags=("a",)) == "x" * 1000
    assert await cache.get_or_load(f"{key}:long", again, tags=("a",)) == "x" * 1000
    assert again.runs == 0


async def test_what_is_being_loaded_when_its_tag_is_deleted_is_answered_and_not_found_again(
    cache: Cache, other: Cache, key: str
) -> None:
    loader, tags = Loader("old", held=True), (f"org:{key}",)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader, tags=tags))
    await loader.begun.wait()
    assert await other.delete(tags=tags)
    anew = asyncio.ensure_future(cache.get_or_load(key, Loader("new"), tags=tags))
    await asyncio.sleep(0.05)
    loader.let_go()
    assert await loading == "old"
    assert await anew == "new"
    assert await cache.get(key, tags=tags) == await other.get(key, tags=tags) == "new"


async def test_one_process_loads_and_the_others_wait(cache: Cache, other: Cache, key: str) -> None:
    loader, tags = Loader("loaded", held=True), (f"org:{key}",)
    asked = [asyncio.ensure_future(one.get_or_load(key, loader, tags=tags)) for one in (cache, cache, other, other)]
    await loader.begun.wait()
    await asyncio.sleep(0.05)
    loader.let_go()
    assert await asyncio.gather(*asked) == ["loaded"] * 4
    assert loader.runs == 1


async def test_a_version_that_was_evicted_costs_a_load(cache: Cache, server: "Server", key: str) -> None:
    assert await cache.get_or_load(key, Loader("old"), tags=("a",)) == "old"
    assert server.cli("DEL", "~tag:a") == "1"
    assert await cache.get(key, tags=("a",)) is None
    assert await cache.get_or_load(key, Loader("new"), tags=("a",)) == "new"


async def test_a_version_that_a_failover_brings_back_serves_nothing(
    cache: Cache, open_cache: "OpenCache", server: "Server", start_server: "StartServer", key: str,
    eventually: "Eventually",
) -> None:  # fmt: skip
    replica = start_server()
    replica.cli("REPLICAOF", "127.0.0.1", str(server.port))
    assert await cache.get_or_load(key, Loader("old"), tags=("a",)) == "old"
    await eventually(lambda: replica.cli("EXISTS", key, "~tag:a") == "2")
    replica.cli("REPLICAOF", "127.0.0.1", "1")  # the link is cut: what follows is lost
    assert await cache.delete(tags=("a",))
    replica.cli("REPLICAOF", "NO", "ONE")
    promoted = await open_cache(f"redis://127.0.0.1:{replica.port}")
    assert replica.cli("EXISTS", key, "~tag:a") == "2"
    assert await promoted.get(key, tags=("a",)) is None
    assert await promoted.get_or_load(key, Loader("new"), tags=("a",)) == "new"


async def test_many_are_loaded_at_once_under_their_tags(cache: Cache, key: str) -> None:
    batches, tags = Batches(), (f"org:{key}",)
    ids = [1, 2, 3]
    first = await cache.get_many_or_load(f"{key}:{{}}", ids, batches, tags=tags)
    assert await cache.get_many_or_load(f"{key}:{{}}", ids, batches, tags=tags) == first
    assert await cache.delete(tags=tags)
    assert await cache.get_many_or_load(f"{key}:{{}}", [1, 3], batches, tags=tags) == {1: first[1], 3: first[3]}
    assert batches.runs == [[1, 2, 3], [1, 3]]


async def test_a_decorated_function_writes_its_tags_from_its_arguments(cache: Cache, key: str) -> None:
    runs = 0

    @cache.cached(f"{key}:{{org}}:{{number}}", tags=("org:{org}", "all"))
    async def find(org: int, number: int) -> int:
        nonlocal runs
        runs += 1
        return org * 100 + number

    assert find.tags(7, number=1) == ("org:7", "all")
    assert [await find(7, 1), await find(7, 1), await find(8, 1)] == [701, 701, 801]
    assert await cache.delete(tags=["org:7"])
    assert [await find(7, 1), await find(8, 1)] == [701, 801]
    assert runs == 3
    assert await find.refresh(8, 1) == 801
    assert await cache.delete(tags=["all"])
    assert [await find(7, 1), await find(8, 1)] == [701, 801]
    assert runs == 6


async def test_the_local_tier_forgets_what_is_kept_under_a_tag(
    open_cache: "OpenCache", other: Cache, key: str, eventually: "Eventually"
) -> None:
    local, tags = await open_cache(local_max_bytes=1_000_000), (f"org:{key}",)
    assert await local.get_or_load(key, Loader("old"), tags=tags) == "old"

    async def is_local() -> bool:
        hits = local.stats().local_hits
        return bool(await local.get(key, tags=tags) == "old" and local.stats().local_hits == hits + 2)

    await eventually(is_local)
    assert await other.delete(tags=tags)

    async def is_gone() -> bool:
        return bool(await local.get(key, tags=tags) is None)

    await eventually(is_gone)
    assert await local.get_or_load(key, Loader("new"), tags=tags) == "new"
    assert await local.get(key, tags=tags) == "new"
    assert local.stats().local_entries == 2
    assert await local.delete(tags=tags)
    assert await local.get(key, tags=tags) is None


async def test_without_redis_what_is_tagged_is_loaded_and_not_kept(
    open_cache: "OpenCache", server: "Server", key: str, eventually: "Eventually"
) -> None:
    cache, tags = await open_cache(timeout_s=0.2), ("a",)
    assert await cache.get_or_load(key, Loader("old"), tags=tags) == "old"
    server.stop()
    assert await cache.get_or_load(key, Loader("away"), tags=tags) == "away"
    assert await cache.refresh(key, Loader("away"), tags=tags) == "away"
    assert not await cache.set(key, "lost", tags=tags)
    assert not await cache.delete(tags=tags)
    server.go_on()

    async def is_loaded_anew() -> bool:
        await cache.get_or_load(key, Loader("new"), tags=tags)
        return bool(await cache.get(key, tags=tags) == "new")

    await eventually(is_loaded_anew)


async def test_one_text_is_no_list_of_tags(cache: Cache, key: str) -> None:
    with pytest.raises(UsageError, match="tags='org' is one text"):
        await cache.get(key, tags="org")
    with pytest.raises(UsageError, match="does not take"):
        cache.cached("a:{number}", tags=("org:{org}",))(_find)


async def _find(number: int) -> int:
    return number
