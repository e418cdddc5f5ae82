"""A commit that nobody sees yet, a primary that is replaced, a Redis that is: the cache ends with nothing old in it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from tests.live.changes.conftest import Execute
from tests.live.changes.forgetting import await_kept, forgetting, keep, kept, make_route
from tests.live.client.replicas import stopped, switch_over
from tests.live.client.test_fence import synchronous

from candlefish import Cache, Database
from candlefish.changes.gap import close_gap
from candlefish.changes.slot import drop, prepare
from candlefish.changes.source import Source
from candlefish.client.rules import Rule, make_rules
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError

pytestmark = pytest.mark.live

SLOW_S = 60.0
"""Of every call: the machine may be busy, and Patroni waits before it gives a standby up."""


@pytest.fixture
def prefix() -> str:
    return f"test:{uuid4().hex[:8]}:"


@pytest.fixture
async def cache(tier: Endpoints, prefix: str) -> AsyncIterator[Cache]:
    async with Cache.from_env(tier.to_env(), prefix=prefix, timeout_s=5.0, ttl_s=3600) as cache:
        yield cache


async def load_name(db: Database) -> str | None:
    return await db.fetchval("select name from users where id = 1", into=str, primary=True)


async def test_what_is_read_while_a_commit_waits_for_its_standby_is_not_kept(
    stack: Stack,
    database: Endpoints,
    source: Source,
    rules: tuple[Rule, ...],
    tier: Endpoints,
    cache: Cache,
    prefix: str,
    execute: Execute,
) -> None:
    execute("insert into users values (1, 7, 'before')")
    async with (
        Database(database.main_url, statement_timeout_s=SLOW_S) as db,
        forgetting(make_route(source, rules, tier, prefix)),
    ):
        await keep(cache, ["user:1"])
        await await_kept(cache, ["user:1"], {"user:1"})
        with stopped(stack, synchronous(stack)):
            writing = asyncio.create_task(asyncio.to_thread(execute, "update users set name = 'after' where id = 1"))
            await await_kept(cache, ["user:1"], set())
            if await cache.get_or_load("user:1", partial(load_name, db)) == "before":
                assert await cache.get("user:1") is None
        await asyncio.wait_for(writing, SLOW_S)
        assert await cache.get_or_load("user:1", partial(load_name, db)) == "after"


@pytest.fixture
def tiers_own(stack: Stack) -> Iterator[Source]:
    """Give the tier's own database and permanent slot, with a table in it that is dropped afterwards."""
    source = Source(stack.endpoints().admin_url)
    with databases.connect(stack.require_primary(), stack.tier.secrets, stack.plan.postgres.database) as connection:
        connection.execute("create table moved (id int primary key)")
    yield source
    drop(source)
    with databases.connect(stack.require_primary(), stack.tier.secrets, stack.plan.postgres.database) as connection:
        connection.execute("drop table moved")


async def test_nothing_is_missed_when_another_node_becomes_primary(
    stack: Stack, tiers_own: Source, tier: Endpoints, cache: Cache, prefix: str
) -> None:
    rules = make_rules({"rule": [{"table": "moved", "keys": ["moved:{id}"]}]})
    prepare(tiers_own, rules)
    close_gap(tiers_own)
    names = [f"moved:{number}" for number in range(300)]
    await keep(cache, names)

    def write(first: int, last: int) -> None:
        with psycopg.connect(tiers_own.conninfo, autocommit=True) as connection:
            connection.execute("insert into moved select generate_series(%s::int, %s::int)", [first, last])

    async with forgetting(make_route(tiers_own, rules, tier, prefix)) as told:
        await asyncio.to_thread(write, 0, 99)
        await await_kept(cache, names, set(names[100:]))
        await switch_over_when_possible(stack)
        await asyncio.to_thread(write, 100, 199)
        async with asyncio.timeout(SLOW_S):
            while await kept(cache, names[:200]):  # noqa: ASYNC110  # it happens in a server, which sets no event here
                await asyncio.sleep(0.05)
        left = await kept(cache, names)
        assert left == set(names[200:]) or any(progress.gaps for progress in told)


async def switch_over_when_possible(stack: Stack) -> None:
    """Make another node the primary, once Patroni has a synchronous standby again that an earlier test took away."""
    async with asyncio.timeout(SLOW_S):
        while True:
            try:
                return await asyncio.to_thread(switch_over, stack)
            except EngineError:
                await asyncio.sleep(1.0)


async def test_a_redis_that_is_replaced_serves_nothing_that_was_changed_meanwhile(
    stack: Stack,
    source: Source,
    rules: tuple[Rule, ...],
    tier: Endpoints,
    prefix: str,
    execute: Execute,
) -> None:
    names = [f"note:n{number}" for number in range(50)]
    sentinel_only = tier.to_env() | {"CANDLEFISH_REDIS_URL": ""}
    async with Cache.from_env(sentinel_only, prefix=prefix, timeout_s=5.0, ttl_s=3600) as cache:
        await keep(cache, names)
        async with forgetting(make_route(source, rules, tier, prefix)):
            before = stack.endpoints().redis_endpoint
            primary = next(node for node in stack.plan.redis.nodes if f"{node.host}:{node.port}" == before)
            stack.supervisor.stop_program(primary.name)
            execute("insert into notes select 'n' || i from generate_series(0, 39) i")
            stack.supervisor.start_program(primary.name)
            async with asyncio.timeout(SLOW_S):
                while stack.endpoints().redis_endpoint == before:  # noqa: ASYNC110  # a Sentinel decides
                    await asyncio.sleep(0.2)
            await keep_until(cache, "after")
            execute("insert into notes values ('after')")
            await await_kept(cache, ["note:after", *names[:40]], set())


async def keep_until(cache: Cache, slug: str) -> None:
    """Keep a note as soon as Redis takes it."""
    async with asyncio.timeout(SLOW_S):
        while not await cache.set(f"note:{slug}", "kept"):  # noqa: ASYNC110  # it happens in a server
            await asyncio.sleep(0.1)
