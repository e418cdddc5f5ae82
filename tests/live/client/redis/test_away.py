"""What callers see when the server dies, hangs, or comes back."""

import asyncio

import pytest
from tests.live.client.conftest import Eventually, OpenProxy
from tests.live.client.redis.conftest import Server, StartServer, open_client

from candlefish.client.redis.address import parse_redis_url
from candlefish.client.redis.client import Redis
from candlefish.client.redis.connection import RedisConnection
from candlefish.errors import CacheUnavailable

pytestmark = pytest.mark.live


async def test_a_killed_server_fails_its_callers_and_is_found_again(
    redis: Redis, server: Server, eventually: Eventually
) -> None:
    server.kill()
    with pytest.raises(CacheUnavailable):
        await redis.get("k")
    await eventually(lambda: not redis.up)
    with pytest.raises(CacheUnavailable, match="away"):
        redis.get("k")
    server.start()
    await eventually(lambda: redis.up)
    assert await redis.get("k") is None
    assert redis.reconnects == 1
    assert redis.away_s > 0


async def test_a_server_that_hangs_is_given_up_and_found_again(
    server: Server, opened: list[Redis], eventually: Eventually
) -> None:
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=0.2)
    server.stop()
    with pytest.raises(CacheUnavailable, match="answered nothing"):
        await redis.get("k")
    assert not redis.up
    server.go_on()
    await eventually(lambda: redis.up)
    assert await redis.get("k") is None


async def test_a_call_that_takes_too_long_fails_while_others_go_on(server: Server, opened: list[Redis]) -> None:
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=0.3)
    await redis.call("k", "SET", "k", "v")
    slow = asyncio.ensure_future(redis.call("list", "BLPOP", "list", 30))
    with pytest.raises(CacheUnavailable, match=r"did not answer|answered nothing"):
        await slow
    async with asyncio.timeout(30):
        while True:  # the connection may have been given up with it
            try:
                assert await redis.get("k") == b"v"
                return
            except CacheUnavailable:
                await asyncio.sleep(0.01)


async def test_an_idle_connection_is_not_taken_for_a_silent_one(server: Server, opened: list[Redis]) -> None:
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=0.2)
    for _ in range(3):
        await asyncio.sleep(0.5)  # longer than the timeout, with nothing under way
        assert await redis.get("k") is None
    assert redis.reconnects == 0


async def test_a_connection_that_is_cut_is_made_again(
    server: Server, opened: list[Redis], open_proxy: OpenProxy, eventually: Eventually
) -> None:
    proxy = await open_proxy(f"redis://:x@127.0.0.1:{server.port}")
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{proxy.port}"))
    waiting = [redis.get(f"k{number}") for number in range(10)]
    proxy.cut()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, CacheUnavailable) for outcome in outcomes)
    await eventually(lambda: redis.up and redis.reconnects == 1)
    assert await redis.get("k") is None


async def test_a_server_that_is_away_at_first_is_found_later(
    server: Server, opened: list[Redis], eventually: Eventually
) -> None:
    server.kill()
    redis = Redis(parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=0.5)
    opened.append(redis)
    with pytest.raises(CacheUnavailable, match="took no connection"):
        await redis.open()
    server.start()
    await eventually(lambda: redis.up)
    assert await redis.get("k") is None


async def test_what_has_to_happen_on_return_happens_before_anyone_reads(
    server: Server, opened: list[Redis], eventually: Eventually
) -> None:
    seen: list[bool] = []

    async def on_return(connection: RedisConnection, serves: object) -> None:
        seen.append(redis.up)
        await connection.call("SET", "k", f"written {len(seen)}")

    redis = Redis(parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=2.0, on_return=on_return)
    opened.append(redis)
    await redis.open()
    assert await redis.get("k") == b"written 1"
    server.kill()
    await eventually(lambda: not redis.up)
    server.start()
    await eventually(lambda: redis.up)
    assert await redis.get("k") == b"written 2"
    assert not any(seen)


async def test_a_wrong_password_says_so(start_server: StartServer, opened: list[Redis]) -> None:
    server = start_server(password="right")
    redis = Redis(parse_redis_url(f"redis://:wrong@127.0.0.1:{server.port}"), timeout_s=2.0)
    opened.append(redis)
    with pytest.raises(CacheUnavailable, match="WRONGPASS"):
        await redis.open()


async def test_a_server_that_knows_no_hello_is_spoken_to_as_before(
    start_server: StartServer, opened: list[Redis]
) -> None:
    server = start_server("--rename-command", "HELLO", "", password="secret")
    redis = await open_client(opened, parse_redis_url(f"redis://:secret@127.0.0.1:{server.port}/3"))
    await redis.call("k", "SET", "k", "v")
    assert await redis.get("k") == b"v"
    assert not redis.pushes
