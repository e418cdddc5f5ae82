"""`Cache` through Sentinel: a failover of Redis does not reach the application."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from candlefish import Cache, process
from candlefish.endpoints import Endpoints
from candlefish.engines import redis
from candlefish.engines.stack import Stack
from candlefish.engines.status import fetch_status
from candlefish.plan.model import RedisNode

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually

WHOLE_S = 90.0


@pytest.fixture(autouse=True)
def whole(stack: Stack) -> Iterator[None]:
    """Begin and end with a tier that is whole."""
    yield
    assert process.wait_until(lambda: fetch_status(stack).is_whole, timeout_s=WHOLE_S, poll_s=0.5)


def primary(stack: Stack) -> RedisNode:
    found = redis.fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    assert found is not None
    return found


async def test_a_killed_primary_costs_no_caller_an_exception(
    stack: Stack, endpoints: Endpoints, eventually: "Eventually"
) -> None:
    prefix = f"test:{uuid4().hex}"
    wrong = 0
    stopped = asyncio.Event()

    async def call(cache: Cache, caller: int) -> None:
        nonlocal wrong
        number = caller
        while not stopped.is_set():
            number = (number + 7) % 100

            async def load(number: int = number) -> int:
                return number

            wrong += await cache.get_or_load(f"{prefix}:{number}", load) != number
            await asyncio.sleep(0.002)

    async with Cache(sentinel_url=endpoints.sentinel_url) as cache, asyncio.TaskGroup() as callers:
        for caller in range(20):
            callers.create_task(call(cache, caller))
        await asyncio.sleep(0.5)
        old = primary(stack)
        os.kill(stack.supervisor.processes()[old.name].pid, signal.SIGKILL)
        hits_before = cache.stats().hits
        await eventually(lambda: cache.stats().reconnects and cache.stats().hits >= hits_before + 1000)
        stopped.set()
    assert wrong == 0
    assert primary(stack) != old


async def test_the_primary_is_found_when_the_first_sentinel_is_gone(endpoints: Endpoints) -> None:
    head, _, rest = endpoints.sentinel_url.partition("@")
    async with Cache(sentinel_url=f"{head}@127.0.0.1:1,{rest}") as cache:
        await cache.ping()


async def test_a_service_that_no_sentinel_knows_is_no_cache_but_no_error(endpoints: Endpoints) -> None:
    async with Cache(sentinel_url=f"{endpoints.sentinel_url}-unknown") as cache:
        assert await cache.get("anything") is None
        assert cache.stats().errors >= 1
