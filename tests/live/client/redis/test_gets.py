"""Lookups that share a connection, and often a command."""

import asyncio
from random import Random

import pytest
from tests.live.client.redis.conftest import Server

from candlefish.client.redis.client import Redis

pytestmark = pytest.mark.live


async def test_a_few_gets_of_one_tick_travel_as_one_mget(redis: Redis, server: Server) -> None:
    await redis.call("k1", "SET", "k1", 1)
    server.cli("CONFIG", "RESETSTAT")
    assert await asyncio.gather(*[redis.get(f"k{n}") for n in range(3)]) == [None, b"1", None]
    assert (server.calls("mget"), server.calls("get")) == (1, 0)


async def test_many_gets_of_one_tick_travel_as_a_few_mgets(redis: Redis, server: Server) -> None:
    for number in range(50):
        await redis.call(f"k{number}", "SET", f"k{number}", number)
    server.cli("CONFIG", "RESETSTAT")
    assert await asyncio.gather(*[redis.get(f"k{n}") for n in range(50)]) == [b"%d" % n for n in range(50)]
    assert 2 <= server.calls("mget") <= 4  # of 4, 8, 16 and 22 keys
    assert server.calls("get") == 0


async def test_callers_that_go_on_asking_are_served_by_halves(redis: Redis, server: Server) -> None:
    async def ask(task: int) -> None:
        for number in range(100):
            await redis.get(f"{task}:{number}")

    server.cli("CONFIG", "RESETSTAT")
    await asyncio.gather(*[ask(task) for task in range(50)])
    assert 100 < server.calls("mget") < 500  # not one for all, and none for a handful


async def test_a_key_that_many_ask_for_is_asked_once(redis: Redis, server: Server) -> None:
    await redis.call("k", "SET", "k", "v")
    assert await asyncio.gather(*[redis.get("k") for _ in range(1000)]) == [b"v"] * 1000
    server.cli("SET", "other", "x")
    server.cli("CONFIG", "RESETSTAT")
    await asyncio.gather(*[redis.get("k") for _ in range(1000)])
    hits = next(line for line in server.cli("INFO", "stats").splitlines() if line.startswith("keyspace_hits:"))
    assert hits == "keyspace_hits:1"


async def test_thousands_of_gets_at_once_have_each_its_own_answer(redis: Redis) -> None:
    await asyncio.gather(*[redis.call(f"k{n}", "SET", f"k{n}", f"v{n}") for n in range(3000)])
    keys = [f"k{n % 4000}" for n in range(10_000)]  # a thousand of them are not there
    values = await asyncio.gather(*[redis.get(key) for key in keys])
    assert values == [b"v" + key[1:].encode() if int(key[1:]) < 3000 else None for key in keys]


async def test_a_caller_that_gives_up_takes_no_answer_from_anyone(redis: Redis) -> None:
    random = Random(4)
    await asyncio.gather(*[redis.call(f"k{n}", "SET", f"k{n}", f"v{n}") for n in range(100)])

    async def ask(number: int) -> None:
        assert await redis.get(f"k{number}") == f"v{number}".encode()
        assert await redis.call(f"k{number}", "STRLEN", f"k{number}") == len(f"v{number}")

    for _ in range(50):
        tasks = [asyncio.ensure_future(ask(random.randrange(100))) for _ in range(60)]
        for step in range(3):
            for task in random.sample(tasks, 8):
                task.cancel()
            await asyncio.sleep(0)
            assert step < 3
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), asyncio.CancelledError}
    await ask(7)


async def test_a_value_of_another_type_is_none(redis: Redis) -> None:
    await redis.call("list", "RPUSH", "list", "a")
    assert await redis.get("list") is None


async def test_values_are_bytes_of_any_kind(redis: Redis) -> None:
    value = bytes(range(256)) * 10 + b"\r\n$5\r\n"
    await redis.call("k", "SET", "k", value)
    assert await redis.get("k") == value
