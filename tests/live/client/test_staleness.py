"""Nothing is stale after loads and writes were raced over a failover of either primary, or while Redis evicts.

The races are those of `benchmarks/staleness.py`. A plain cache goes stale in each of them: the races do what they say.
"""

import asyncio
from collections.abc import Iterator

import pytest
import redis.asyncio as redis
from tests.conftest import PORT_BASE

from candlefish import Database
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.behind import replicas_behind
from harness.door import Door
from harness.failovers import Failovers
from harness.faults import wait_until_whole
from harness.redis_server import redis_server
from peers import caches
from peers.caches import Load, Raced, Theirs
from peers.entries import Entry
from peers.race import LAG_S
from peers.races import POSTGRES_LOST, REDIS_LOST, UNDER_PRESSURE, RaceJob, RaceResult, race_all

pytestmark = pytest.mark.live

KEYS = 20

REDIS_PORT = PORT_BASE + 90
"""Above the ports of the tier."""

SCENARIOS = (UNDER_PRESSURE, REDIS_LOST, POSTGRES_LOST)


@pytest.fixture(scope="module", autouse=True)
def lagging(stack: Stack) -> Iterator[None]:
    with replicas_behind(stack, LAG_S):
        yield


@pytest.fixture(autouse=True)
def whole(stack: Stack) -> Iterator[None]:
    yield
    assert wait_until_whole(stack)


async def open_plain(door: Door) -> Raced:
    """Open what many write by hand: get, or load and set; delete after the commit."""
    client = redis.Redis(**door.parts())

    async def get_or_load(key: str, load: Load) -> int:
        kept = await client.get(key)
        if kept is not None:
            return int(kept)
        value = await load()
        await client.set(key, value)
        return value

    async def get(key: str) -> int | None:
        kept = await client.get(key)
        return None if kept is None else int(kept)

    return Theirs(get_or_load, client.delete, get, client.aclose)


async def race(stack: Stack, endpoints: Endpoints, scenario: str, module: str) -> RaceResult:
    deeds = Failovers(stack).deeds()

    async def order(deed: str) -> None:
        await asyncio.to_thread(deeds[deed])

    async with Database(endpoints.main_url) as db:
        await db.execute("create table shelf (key text, part int, count int, primary key (key, part))")
    with redis_server(REDIS_PORT) as server:
        job = RaceJob(
            Entry(module, "default", module), scenario, server.plain, endpoints.sentinel_url, endpoints.main_url,
            list(endpoints.read_urls), endpoints.admin_url, KEYS, seed=1,
        )  # fmt: skip
        return await race_all(job, order)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_nothing_is_stale(stack: Stack, database: Endpoints, scenario: str) -> None:
    result = await race(stack, database, scenario, "candlefish")
    assert (result.stale, result.unanswered) == (0, 0)
    assert result.kept > KEYS / 2


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_plain_cache_goes_stale(
    stack: Stack, database: Endpoints, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches, "open_plain", open_plain, raising=False)
    result = await race(stack, database, scenario, "plain")
    assert result.stale > 0
