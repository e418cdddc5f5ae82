"""What a caller of `get_or_load` gets, and what it cannot take from the others."""

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from pydantic import BaseModel
from tests.live.client.aside.loader import Loader, soon

from candlefish import Cache
from candlefish.errors import CacheError, UsageError

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="none")


class Point(msgspec.Struct):
    x: int
    tags: list[str]


class User(BaseModel):
    name: str


async def test_a_miss_gives_what_a_hit_would(cache: Cache, key: str) -> None:
    missed = await cache.get_or_load(key, Loader((1, {2, 3})))
    assert missed == await cache.get_or_load(key, Loader(0)) == [1, [2, 3]]


@pytest.mark.parametrize(
    ("shape", "value"), [(Point, Point(1, ["a"])), (User, User(name="Ada")), (list[User], [User(name="Ada")])]
)
async def test_a_typed_value_is_one_from_the_first_call_on(cache: Cache, key: str, shape: Any, value: object) -> None:
    assert [await cache.get_or_load(key, Loader(value), shape=shape) for _ in range(2)] == [value] * 2
    assert cache.stats().hits == 1


async def test_every_caller_has_a_copy_of_its_own(cache: Cache, key: str) -> None:
    first, second = await asyncio.gather(*[cache.get_or_load(key, Loader(Point(1, [])), shape=Point) for _ in "ab"])
    first.tags.append("mine")
    assert second.tags == []


async def test_a_caller_that_gives_up_does_not_take_the_load_from_the_others(cache: Cache, key: str) -> None:
    loader = Loader("kept", held=True)
    callers = [asyncio.ensure_future(cache.get_or_load(key, loader)) for _ in range(3)]
    await loader.begun.wait()
    callers[0].cancel()
    loader.let_go()
    assert await asyncio.gather(*callers[1:]) == ["kept", "kept"]
    assert callers[0].cancelled()
    assert (loader.runs, loader.cancelled) == (1, 0)


async def test_a_load_that_nobody_waits_for_any_more_is_kept(cache: Cache, key: str, eventually: "Eventually") -> None:
    loader = Loader("kept", held=True)
    caller = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    caller.cancel()
    loader.let_go()

    async def is_kept() -> bool:
        return bool(await cache.get(key) == "kept")

    await eventually(is_kept)


async def test_a_load_that_fails_with_nobody_waiting_is_no_ones_error(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    loader = Loader(KeyError("nobody"), held=True)
    caller = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    caller.cancel()
    loader.let_go()
    await eventually(lambda: cache.stats().load_errors)


async def test_the_loader_runs_in_a_copy_of_its_first_callers_context(cache: Cache, key: str) -> None:
    async def load() -> str:
        request = REQUEST.get()
        REQUEST.set("the loader's own")
        return request

    async def call(request: str) -> tuple[str, str]:
        REQUEST.set(request)
        return await cache.get_or_load(key, load), REQUEST.get()

    calls = [call("first"), call("second")]
    assert await asyncio.gather(*calls) == [("first", "first"), ("first", "second")]


async def test_a_loaders_exception_reaches_every_caller_and_the_next_tries_again(cache: Cache, key: str) -> None:
    failed = await asyncio.gather(
        *[cache.get_or_load(key, Loader(KeyError("no such row"))) for _ in range(5)], return_exceptions=True
    )
    assert [str(error) for error in failed] == ["'no such row'"] * 5
    assert await cache.get_or_load(key, Loader("found")) == "found"


async def test_a_loader_that_is_cancelled_from_within_cancels_no_caller(cache: Cache, key: str) -> None:
    async def load() -> None:
        raise asyncio.CancelledError

    with pytest.raises(CacheError, match="was cancelled"):
        await soon(cache.get_or_load(key, load))


async def test_a_loader_that_is_no_coroutine_function_is_awaited(cache: Cache, key: str) -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    future.set_result("value")
    assert await cache.get_or_load(key, lambda: future) == "value"


async def test_a_loader_that_raises_before_it_awaits_is_a_failed_load(cache: Cache, key: str) -> None:
    def load() -> Any:
        raise LookupError("at once")

    with pytest.raises(LookupError, match="at once"):
        await soon(cache.get_or_load(key, load))
    assert await cache.get_or_load(key, Loader(1)) == 1


async def test_a_value_that_cannot_be_kept_is_refused_by_its_type(open_cache: "OpenCache", key: str) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    with pytest.raises(UsageError, match="object"):
        await cache.get_or_load(key, Loader(object()))
    with pytest.raises(UsageError, match="dict does not come back as Point"):
        await cache.get_or_load(key, Loader({"y": 1}), shape=Point)
    with pytest.raises(UsageError, match="object"):
        await cache.set(key, object())
    assert await soon(other.get_or_load(key, Loader(1))) == 1


async def test_a_value_that_contains_itself_is_an_error_of_its_callers_and_of_nobody_else(
    open_cache: "OpenCache", key: str
) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        await soon(cache.get_or_load(key, Loader(endless)))
    assert await soon(other.get_or_load(key, Loader(1))) == 1


async def test_a_prefix_stands_before_every_key(open_cache: "OpenCache", key: str, server: "Server") -> None:
    cache = await open_cache(prefix="app:")
    await cache.get_or_load(key, Loader(1))
    await cache.set(f"{key}:set", 2)
    fence, *kept = sorted(server.cli("KEYS", "*").splitlines(), key=lambda name: "~fence" not in name)
    assert fence.startswith("app:~fence:")
    assert sorted(kept) == sorted([f"app:{key}", f"app:{key}:set"])
    assert await cache.get_many([key, f"{key}:set", "none"]) == {key: 1, f"{key}:set": 2}
    assert await cache.delete(key)
    assert await cache.get(key) is None


async def test_refresh_loads_anew_whatever_is_kept_or_under_way(cache: Cache, other: Cache, key: str) -> None:
    await cache.set(key, "kept")
    assert await cache.refresh(key, Loader("fresh")) == await other.get(key) == "fresh"
    await cache.delete(key)
    old = Loader("old", held=True)
    loading = asyncio.ensure_future(other.get_or_load(key, old))
    await old.begun.wait()
    assert await soon(cache.refresh(key, Loader("newer"))) == "newer"
    old.let_go()
    assert await loading == "old"
    assert await cache.get(key) == await other.get(key) == "newer"


async def test_every_key_has_a_time_to_live(cache: Cache, other: Cache, key: str, server: "Server") -> None:
    loader = Loader([1], held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    await other.set(f"{key}:set", 1)
    await other.get_or_load(f"{key}:set", Loader([1]), shape=list[int])
    await other.get_or_load(f"{key}:none", Loader(None))
    names = server.cli("KEYS", "*").splitlines()
    assert len([name for name in names if "~fence" not in name]) == 4
    assert all(int(server.cli("PTTL", name)) > 0 for name in names)
    loader.let_go()
    await loading


async def test_the_counts_say_what_happened(cache: Cache, other: Cache, key: str) -> None:
    await asyncio.gather(*[cache.get_or_load(key, Loader("value")) for _ in range(10)])
    assert await cache.get(key) == "value"
    assert await cache.get(f"{key}:none") is None
    stats = cache.stats()
    assert (stats.hits, stats.misses, stats.loads, stats.joined) == (1, 11, 1, 9)
    assert (stats.errors, stats.load_errors, stats.refused_fills, stats.circuit_open) == (0, 0, 0, False)
    assert stats.bytes_read == stats.bytes_written > 0
    assert other.stats().hits == 0


async def test_a_closed_cache_leaves_no_task_behind(open_cache: "OpenCache", key: str) -> None:
    before = asyncio.all_tasks()
    cache = await open_cache()
    callers = [asyncio.ensure_future(cache.get_or_load(f"{key}:{n}", Loader(n, held=True))) for n in range(10)]
    await asyncio.sleep(0.05)
    await cache.close()
    assert all(isinstance(error, CacheError) for error in await asyncio.gather(*callers, return_exceptions=True))
    assert asyncio.all_tasks() == before


async def test_what_has_been_answered_leaves_nothing_behind_in_the_process(
    cache: Cache, other: Cache, key: str, eventually: "Eventually"
) -> None:
    for number in range(20):
        calls = [one.get_or_load(f"{key}:{number}", Loader(number)) for one in (cache, other) for _ in range(5)]
        await asyncio.gather(*calls)
        with pytest.raises(KeyError):
            await cache.get_or_load(f"{key}:{number}:fails", Loader(KeyError("no")))
        await other.delete(f"{key}:{number}")
    await eventually(lambda: not cache._flights._tasks and not other._flights._tasks)
    for one in (cache, other):
        assert one._flights._flights == {}
        assert one._redis._wakers == {}
