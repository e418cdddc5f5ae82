"""Keys that a script has read: who listens hears of every change."""

import asyncio

import pytest
from tests.live.client.redis.conftest import Server

from candlefish.client.redis.client import Redis, Script

pytestmark = pytest.mark.live

READ = Script("return redis.call('GET', KEYS[1])")
READ_AND_WRITE = Script("redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], 'mine')")


async def _watch(redis: Redis, key: str) -> asyncio.Event:
    woken = asyncio.Event()
    redis.listen(key, woken.set)
    await redis.eval(READ, [key], [], watch=True)
    return woken


@pytest.mark.parametrize("change", ["SET k other", "DEL k", "PEXPIRE k 1", "FLUSHALL"])
async def test_a_change_by_anyone_wakes_who_listens(redis: Redis, server: Server, change: str) -> None:
    await redis.call("k", "SET", "k", "v")
    woken = await _watch(redis, "k")
    server.cli(*change.split())
    async with asyncio.timeout(30):
        await woken.wait()


async def test_a_change_of_its_own_wakes_nobody(redis: Redis, server: Server) -> None:
    silent, woken = await _watch(redis, "own"), await _watch(redis, "k")
    await redis.call("own", "SET", "own", "v")
    await redis.eval(READ_AND_WRITE, ["own"], [], watch=True)
    server.cli("SET", "k", "other")
    async with asyncio.timeout(30):
        await woken.wait()
    assert not silent.is_set()


async def test_the_end_of_a_keys_time_wakes_who_listens(redis: Redis) -> None:
    await redis.call("k", "SET", "k", "v", "PX", 200)
    woken = await _watch(redis, "k")
    async with asyncio.timeout(30):
        await woken.wait()


async def test_a_key_that_comes_to_be_wakes_who_found_none(redis: Redis, server: Server) -> None:
    woken = await _watch(redis, "k")
    server.cli("SET", "k", "v")
    async with asyncio.timeout(30):
        await woken.wait()


async def test_a_key_with_a_large_value_is_watched_too(redis: Redis, server: Server) -> None:
    await redis.call("k", "SET", "k", b"x" * 3_000_000)
    woken = await _watch(redis, "k")
    server.cli("DEL", "k")
    async with asyncio.timeout(30):
        await woken.wait()


async def test_a_lost_connection_wakes_everyone(redis: Redis, server: Server) -> None:
    woken = [await _watch(redis, f"k{number}") for number in range(3)]
    server.kill()
    async with asyncio.timeout(30):
        await asyncio.gather(*[one.wait() for one in woken])


async def test_who_no_longer_listens_hears_nothing(redis: Redis, server: Server) -> None:
    silent = await _watch(redis, "k")
    redis.unlisten("k", silent.set)
    woken = await _watch(redis, "k")
    server.cli("SET", "k", "other")
    async with asyncio.timeout(30):
        await woken.wait()
    assert not silent.is_set()


async def test_a_script_is_sent_once_and_called_by_its_name(redis: Redis, server: Server) -> None:
    script = Script("return ARGV[1] .. 'x'")
    for number in range(5):
        assert await redis.eval(script, ["k"], [f"{number}"]) == f"{number}x".encode()
    assert (server.calls("eval"), server.calls("evalsha")) == (1, 5)
