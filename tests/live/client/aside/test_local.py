"""The local tier on a real Redis: what ends an entry in a process's own memory, and that nothing stays behind."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.live.client.aside.loader import Loader

from candlefish import Cache
from candlefish.client.local.tier import LEASE_S

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server, StartServer

pytestmark = pytest.mark.live

LOCAL_BYTES = 1_000_000
RACED_KEYS = 50
RACED_WRITES = 10_000
AT_ONCE = 20

Change = Callable[["Server", Cache, str], Awaitable[Any]]


@pytest.fixture
async def local(open_cache: "OpenCache", eventually: "Eventually") -> Cache:
    """Give a cache with a local tier that Redis has answered."""
    cache = await open_cache(local_max_bytes=LOCAL_BYTES)
    assert await cache.set("first", 1)

    async def serves() -> bool:
        return bool(await cache.get("first") == 1 and cache.stats().local_hits)

    await eventually(serves)
    return cache


async def keep(cache: Cache, key: str, value: Any = "old") -> None:
    """Let the process keep a value of its own."""
    assert await cache.set(key, value)
    assert await cache.get(key) == value
    hits = cache.stats().local_hits
    assert await cache.get(key) == value
    assert cache.stats().local_hits == hits + 1


async def test_the_second_lookup_asks_redis_nothing(local: Cache, server: "Server", key: str) -> None:
    await keep(local, key, {"a": [1, 2]})
    server.cli("CONFIG", "RESETSTAT")
    for _ in range(10):
        value = await local.get(key)
        assert value == {"a": [1, 2]}
        value["a"].append(3)  # a copy
    assert await local.get_or_load(key, Loader("new")) == {"a": [1, 2]}
    assert await local.get_many([key]) == {key: {"a": [1, 2]}}
    assert server.calls("mget") == 0


async def set_elsewhere(_: "Server", other: Cache, key: str) -> None:
    await other.set(key, "new")


async def delete_elsewhere(_: "Server", other: Cache, key: str) -> None:
    await other.delete(key)


async def refresh_elsewhere(_: "Server", other: Cache, key: str) -> None:
    await other.refresh(key, Loader("new"))


async def delete_in_redis_cli(server: "Server", _: Cache, key: str) -> None:
    server.cli("DEL", key)


async def flush(server: "Server", _: Cache, key: str) -> None:
    server.cli("FLUSHALL")


async def evict(server: "Server", _: Cache, key: str) -> None:
    server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    server.cli("CONFIG", "SET", "maxmemory", "1")


async def cut_connections(server: "Server", other: Cache, key: str) -> None:
    await other.delete(key)
    server.cli("CLIENT", "KILL", "TYPE", "normal")


async def expire(server: "Server", _: Cache, key: str) -> None:
    server.cli("PEXPIRE", key, "1")


@pytest.mark.parametrize(
    "change",
    [
        set_elsewhere,
        delete_elsewhere,
        refresh_elsewhere,
        delete_in_redis_cli,
        flush,
        evict,
        cut_connections,
        expire,
    ],
)
async def test_a_change_elsewhere_reaches_this_process(
    local: Cache, other: Cache, server: "Server", key: str, change: Change, eventually: "Eventually"
) -> None:
    await keep(local, key)
    await change(server, other, key)

    async def is_gone() -> bool:
        return bool(await local.get(key) != "old")

    await eventually(is_gone)


async def test_what_this_process_changes_itself_is_gone_when_the_call_returns(local: Cache, key: str) -> None:
    await keep(local, key)
    assert await local.set(key, "new")
    assert await local.get(key) == "new"
    await keep(local, key)
    assert await local.delete(key)
    assert await local.get(key) is None
    await keep(local, key)
    assert await local.refresh(key, Loader("new")) == "new"
    assert await local.get(key) == "new"


async def test_the_ttl_ends_an_entry_that_redis_has_not_swept_yet(
    open_cache: "OpenCache", start_server: "StartServer", key: str, eventually: "Eventually"
) -> None:
    server = start_server("--enable-debug-command", "local")
    assert server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "0") == "OK"
    local = await open_cache(f"redis://127.0.0.1:{server.port}", local_max_bytes=LOCAL_BYTES)
    assert await local.set(key, "old", ttl_s=0.3)
    assert await local.get(key) == "old"

    async def is_gone() -> bool:
        return await local.get(key) is None

    await eventually(is_gone)


async def test_a_redis_that_hangs_ends_the_right_to_serve(
    open_cache: "OpenCache", server: "Server", key: str, eventually: "Eventually"
) -> None:
    local = await open_cache(local_max_bytes=LOCAL_BYTES, timeout_s=0.2)

    async def keeps() -> bool:
        await local.set(key, "old")
        await local.get(key)
        hits = local.stats().local_hits
        return bool(await local.get(key) == "old" and local.stats().local_hits > hits)

    await eventually(keeps)
    server.stop()
    try:
        await asyncio.sleep(2 * LEASE_S)
        assert await local.get_or_load(key, Loader("new")) == "new"
    finally:
        server.go_on()


async def test_a_cancelled_delete_leaves_nothing_behind(
    local: Cache, other: Cache, server: "Server", key: str, eventually: "Eventually"
) -> None:
    for steps in range(6):
        await keep(local, key)
        server.stop()
        reading = asyncio.ensure_future(local.get_many([key, f"{key}-away"]))
        deleting = asyncio.ensure_future(local.delete(key))
        for _ in range(steps):
            await asyncio.sleep(0)
        deleting.cancel()
        server.go_on()
        await asyncio.gather(reading, deleting, return_exceptions=True)

        async def agrees() -> bool:
            return bool(await local.get(key) == await other.get(key))

        await eventually(agrees)


async def test_racing_writes_leave_nothing_stale(
    local: Cache, open_cache: "OpenCache", other: Cache, key: str, eventually: "Eventually"
) -> None:
    second = await open_cache(local_max_bytes=LOCAL_BYTES)
    keys = [f"{key}:{number}" for number in range(RACED_KEYS)]
    random = Random(5)
    writing = True

    async def read(cache: Cache) -> None:
        while writing:
            await cache.get_many(random.choices(keys, k=AT_ONCE))
            await asyncio.sleep(0)

    async def write(cache: Cache, number: int) -> None:
        name = random.choice(keys)
        await (cache.delete(name) if number % 5 == 0 else cache.set(name, number))

    readers = [asyncio.ensure_future(read(cache)) for cache in (local, second, local, second)]
    for first in range(0, RACED_WRITES, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        await asyncio.gather(*[write((local, second, other)[number % 3], number) for number in numbers])
    writing = False
    await asyncio.gather(*readers)
    assert local.stats().local_hits > RACED_KEYS

    async def is_true() -> bool:
        truth = await other.get_many(keys)
        return await local.get_many(keys) == truth == await second.get_many(keys)

    await eventually(is_true)
    assert await is_true()
