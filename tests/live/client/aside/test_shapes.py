"""Two versions of a program at once, as in a rolling deploy: each reads and loads values of its own shape."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.loader import Loader, soon

from candlefish import Cache, Policy
from candlefish.client.aside.entry import HEADER_BYTES

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live


@dataclass
class Old:
    name: str


@dataclass
class New:
    name: str
    colour: str


OLD, NEW = Old("a"), New("a", "red")


async def test_each_version_loads_once_and_then_both_hit(cache: Cache, other: Cache, key: str) -> None:
    old, new = Loader(OLD), Loader(NEW)
    for _ in range(5):
        assert await cache.get_or_load(key, old, shape=Old) == OLD
        assert await other.get_or_load(key, new, shape=New) == NEW
    assert (old.runs, new.runs) == (1, 1)
    assert await cache.get(key, shape=New) == NEW
    assert await other.get_many([key], shape=Old) == {key: OLD}


async def test_one_shape_waits_for_the_load_of_the_other_and_is_woken_when_it_is_done(
    open_cache: "OpenCache", key: str, eventually: "Eventually"
) -> None:
    cache = await open_cache(lease_s=600.0)  # so that nobody waits for its end
    old = Loader(OLD, held=True)
    before = asyncio.ensure_future(cache.get_or_load(key, old, shape=Old))
    await old.begun.wait()
    waiting = asyncio.ensure_future(cache.get_or_load(key, Loader(NEW), shape=New))
    await eventually(lambda: cache.stats().waits)
    old.let_go()
    assert await soon(before) == OLD
    assert await soon(waiting) == NEW


@pytest.mark.parametrize("ended_by", ["delete", "eviction"])
async def test_the_end_of_the_key_ends_every_shape(
    cache: Cache, other: Cache, key: str, server: "Server", ended_by: str
) -> None:
    await cache.get_or_load(key, Loader(OLD), shape=Old)
    await other.get_or_load(key, Loader(NEW), shape=New)
    if ended_by == "delete":
        await cache.delete(key)
    else:
        server.cli("DEL", key)
    assert await other.get(key, shape=New) is None
    new = Loader(New("b", "blue"))
    assert await other.get_or_load(key, new, shape=New) == New("b", "blue")
    assert new.runs == 1


async def test_a_new_value_of_one_version_ends_that_of_the_other(cache: Cache, other: Cache, key: str) -> None:
    await cache.get_or_load(key, Loader(OLD), shape=Old)
    await other.get_or_load(key, Loader(NEW), shape=New)
    await cache.set(key, Old("b"), shape=Old)
    assert await other.get(key, shape=New) is None
    assert await other.get_or_load(key, Loader(New("b", "blue")), shape=New) == New("b", "blue")
    assert await cache.get(key, shape=Old) == Old("b")


async def test_when_the_old_version_is_gone_the_key_is_the_new_ones(
    cache: Cache, other: Cache, key: str, server: "Server"
) -> None:
    await cache.get_or_load(key, Loader(OLD), shape=Old, ttl_s=0.01)
    while await cache.get(key, shape=Old) is not None:
        pass
    await other.get_or_load(key, Loader(NEW), shape=New)
    assert server.cli("KEYS", f"*{key}*") == key


async def test_two_codecs_are_two_shapes(open_cache: "OpenCache", key: str) -> None:
    msgpack, json = await open_cache(), await open_cache(codec="json")
    assert await msgpack.get_or_load(key, Loader([1]), shape=list[int]) == [1]
    assert await json.get_or_load(key, Loader([1]), shape=list[int]) == [1]
    assert await json.get(key, shape=list[int]) == await msgpack.get(key, shape=list[int]) == [1]


async def test_a_type_with_and_without_none_is_one_shape(cache: Cache, other: Cache, key: str) -> None:
    loader = Loader(OLD, held=True)
    callers = [asyncio.ensure_future(cache.get_or_load(key, loader, shape=shape)) for shape in (Old, Old | None)]
    await loader.begun.wait()
    loader.let_go()
    assert await asyncio.gather(*callers) == [OLD, OLD]
    assert (loader.runs, cache.stats().joined) == (1, 1)
    assert await other.get(key, shape=Old | None) == await other.get(key, shape=Old) == OLD
    await cache.set(key, None, shape=Old)
    assert await other.get_or_load(key, Loader(OLD), shape=Old | None) is None


async def test_what_is_set_has_the_shape_of_its_own_type(cache: Cache, key: str) -> None:
    await cache.set(key, OLD)
    assert await cache.get(key, shape=Old) == OLD
    await cache.set(key, [OLD])
    assert await cache.get(key) == [{"name": "a"}]


async def test_who_asks_for_no_shape_is_given_what_there_is_as_plain_data(
    cache: Cache, open_cache: "OpenCache", key: str
) -> None:
    await cache.set(key, OLD)
    assert await cache.get(key) == (await cache.get_many([key]))[key] == {"name": "a"}
    loader = Loader([1])
    assert await cache.get_or_load(key, loader) == {"name": "a"}
    assert loader.runs == 0
    assert await (await open_cache(codec="json")).get(key) is None
    await cache.set(key, None, shape=Old)
    assert await cache.get_or_load(key, loader) is None


async def test_who_asks_for_no_shape_loads_what_is_no_longer_fresh_once(open_cache: "OpenCache", key: str) -> None:
    cache = await open_cache(policy=Policy(ttl_s=0.05, jitter_ratio=0.0, stale_on_error_s=60.0))
    await cache.set(key, OLD)
    while await cache.get(key) is not None:
        pass
    loader = Loader([1])
    assert [await cache.get_or_load(key, loader, ttl_s=60.0) for _ in range(3)] == [[1]] * 3
    assert loader.runs == 1


@pytest.mark.parametrize("payload", ["", "\x01", "no value at all"])
async def test_a_kept_value_that_cannot_be_read_is_loaded_anew(
    cache: Cache, key: str, server: "Server", payload: str
) -> None:
    await cache.set(key, OLD, shape=Old)
    server.cli("SETRANGE", key, str(HEADER_BYTES), payload + "\xc1" * 40)
    assert await cache.get(key, shape=Old) is None
    loader = Loader(OLD)
    assert [await cache.get_or_load(key, loader, shape=Old) for _ in range(3)] == [OLD] * 3
    assert loader.runs == 1


async def test_what_another_program_wrote_is_replaced(cache: Cache, key: str, server: "Server") -> None:
    server.cli("SET", key, "hello")
    loader = Loader(OLD)
    assert [await cache.get_or_load(key, loader, shape=Old) for _ in range(2)] == [OLD] * 2
    assert loader.runs == 1


async def test_a_value_is_compressed_from_its_size_on(open_cache: "OpenCache", key: str, server: "Server") -> None:
    cache = await open_cache(compress_from_bytes=1000)
    text = "a lot of the same " * 1000
    assert await cache.get_or_load(key, Loader(text)) == text
    assert await cache.get_or_load(key, Loader("another")) == text
    assert int(server.cli("STRLEN", key)) < len(text) / 10
    assert await cache.set(key, "short")
    assert await cache.get(key) == "short"


async def test_programs_that_compress_differently_read_each_other(open_cache: "OpenCache", key: str) -> None:
    plain, packed = await open_cache(), await open_cache(compress_from_bytes=0)
    await packed.set(key, "a" * 1000)
    assert await plain.get(key) == "a" * 1000


async def test_a_raw_cache_keeps_bytes_as_they_are(open_cache: "OpenCache", key: str) -> None:
    cache = await open_cache(codec="raw")
    assert await cache.get_or_load(key, Loader(b"\x00\xff"), shape=bytes) == b"\x00\xff"
    assert await cache.get(key, shape=bytes) == b"\x00\xff"


async def test_in_a_cluster_both_shapes_live_in_the_slot_of_their_key(
    cluster: "list[Server]", open_cache: "OpenCache", key: str
) -> None:
    url = f"redis+cluster://127.0.0.1:{cluster[0].port}"
    cache, other = await open_cache("", cluster_url=url), await open_cache("", cluster_url=url)
    for one in (key, f"{{{key}}}:tagged"):
        old, new = Loader(OLD), Loader(NEW)
        for _ in range(2):
            assert await cache.get_or_load(one, old, shape=Old) == OLD
            assert await other.get_or_load(one, new, shape=New) == NEW
        assert (old.runs, new.runs) == (1, 1)
        assert await cache.delete(one)
        assert await other.get(one, shape=New) is None
    assert cache.stats().errors + other.stats().errors == 0
