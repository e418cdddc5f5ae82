"""Replicas leave the rotation when they are away or behind, and come back by themselves; nobody who reads notices."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.live.client.replicas import held_back, kill, replicas, stopped

from candlefish import Database
from candlefish.client.postgres import sampler
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually, OpenProxy

pytestmark = pytest.mark.live


def open_database(endpoints: Endpoints, **options: float) -> Database:
    return Database.from_env(endpoints.to_env(), **options)


def rotation(db: Database) -> list[bool]:
    return [stats.in_rotation for stats in db.replicas()]


def reads(db: Database) -> list[int]:
    return [stats.reads for stats in db.replicas()]


@asynccontextmanager
async def reading(db: Database, tasks: int = 8) -> AsyncIterator[None]:
    """Read in many tasks until the block ends; raise what any of them raises."""
    over = asyncio.Event()

    async def read() -> None:
        while not over.is_set():
            assert await db.fetchval("select 7 from pg_sleep(0.002)") == 7

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(read())
        yield
        over.set()


async def serves_again(db: Database, index: int, eventually: "Eventually") -> None:
    """Wait until a replica serves more reads than it has."""
    before = reads(db)[index]
    await eventually(lambda: rotation(db)[index] and reads(db)[index] > before + 100)


@pytest.mark.slow
async def test_a_killed_replica_costs_no_reader_anything_and_comes_back(
    stack: Stack, endpoints: Endpoints, eventually: "Eventually"
) -> None:
    async with open_database(endpoints) as db, reading(db):
        await eventually(lambda: min(reads(db)) > 100)
        kill(stack, replicas(stack)[0])
        await eventually(lambda: rotation(db) == [False, True])
        await serves_again(db, 1, eventually)
        await serves_again(db, 0, eventually)


@pytest.mark.slow
async def test_a_replica_that_stands_still_costs_no_reader_anything_and_comes_back(
    stack: Stack, endpoints: Endpoints, eventually: "Eventually"
) -> None:
    async with open_database(endpoints) as db, reading(db):
        await eventually(lambda: min(reads(db)) > 100)
        with stopped(stack, replicas(stack)[0]):
            await eventually(lambda: rotation(db) == [False, True])
            await serves_again(db, 1, eventually)
            await eventually(lambda: db.stats()[1].in_use == 0)
        await serves_again(db, 0, eventually)


async def test_a_replica_over_the_lag_limit_leaves_and_comes_back(
    stack: Stack, database: Endpoints, eventually: "Eventually"
) -> None:
    late = replicas(stack)[0]
    async with open_database(database, lag_limit_s=0.5) as db, Database(database.main_url) as writer, reading(db):
        await writer.execute("create table shelf (id int)")
        await eventually(lambda: rotation(db) == [True, True])
        with held_back(stack, late):
            await writer.execute("insert into shelf values (1)")
            await eventually(lambda: rotation(db) == [False, True])
            assert db.replicas()[0].lag_s > 0.5
            await serves_again(db, 1, eventually)
        await serves_again(db, 0, eventually)


async def test_a_pooler_that_falls_silent_costs_no_reader_anything(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    async with open_database(replace(endpoints, read_urls=(proxy.url, endpoints.read_urls[1]))) as db, reading(db):
        await eventually(lambda: min(reads(db)) > 100)
        proxy.fall_silent()
        await eventually(lambda: rotation(db) == [False, True])
        await eventually(lambda: db.stats()[1].in_use == 0)
        proxy.cut()
        await serves_again(db, 0, eventually)


@pytest.mark.parametrize("acquire_timeout_s", [1.8, 60.0])
async def test_who_waits_for_a_connection_of_a_replica_that_has_left_reads_elsewhere(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually", acquire_timeout_s: float
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    endpoints = replace(endpoints, read_urls=(proxy.url, endpoints.read_urls[1]))
    async with open_database(endpoints, pool_size=1, acquire_timeout_s=acquire_timeout_s) as db, reading(db, tasks=20):
        await eventually(lambda: min(reads(db)) > 100)
        proxy.fall_silent()
        await eventually(lambda: rotation(db) == [False, True])
        await eventually(lambda: db.stats()[1].waiting == db.stats()[1].in_use == 0)
        assert db.stats()[1].connects == 1  # nobody has tried the silent one again


async def test_a_silent_replica_leaves_although_its_readers_give_up_before_it_is_noticed(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    async with open_database(replace(endpoints, read_urls=(proxy.url, endpoints.read_urls[1]))) as db:

        async def impatient() -> bool:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(db.fetchval("select 7"), 0.1)
            return rotation(db) == [False, True]

        await eventually(lambda: min(reads(db)) > 0 or impatient())
        proxy.fall_silent()
        served = reads(db)[0]
        await eventually(impatient)
        assert reads(db)[0] == served


async def test_reads_go_on_while_the_primary_is_away(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.main_url)
    async with open_database(replace(endpoints, main_url=proxy.url)) as db, reading(db):
        await eventually(lambda: min(reads(db)) > 100)
        await proxy.die()
        await serves_again(db, 0, eventually)
        await serves_again(db, 1, eventually)
        assert rotation(db) == [True, True]


async def test_a_database_opens_although_a_replica_says_nothing(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    proxy.fall_silent()
    async with open_database(replace(endpoints, read_urls=(proxy.url, endpoints.read_urls[1]))) as db:
        assert rotation(db) == [False, True]
        assert await db.fetchval("select pg_is_in_recovery()") is True


async def test_a_database_opens_with_all_replicas_although_the_primary_is_a_moment_ahead(endpoints: Endpoints) -> None:
    async with Database(endpoints.main_url) as writer:
        for _ in range(20):
            async with asyncio.TaskGroup() as group:
                group.create_task(writer.execute("select txid_current()"))
                group.create_task(opens_with_all_replicas(endpoints))


async def opens_with_all_replicas(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        assert rotation(db) == [True, True]


async def test_nobody_is_asked_while_nobody_reads_or_writes(
    stack: Stack, database: Endpoints, eventually: "Eventually", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "IDLE_S", 0.2)
    async with open_database(database) as db:
        await db.fetchval("select 1")
        await eventually(lambda: not db._router._sampler._awake.is_set())

        async def nothing_is_asked() -> bool:
            before = questions(stack)
            await asyncio.sleep(5 * sampler.SAMPLE_S)
            return questions(stack) == before

        await eventually(nothing_is_asked)  # the last question may still be under way when everyone dozes off
        before = questions(stack)
        await db.fetchval("select 1")
        await eventually(lambda: questions(stack) > before)


def questions(stack: Stack) -> int:
    """Return how often the primary was asked where it is, by anybody."""
    sql = "select coalesce(sum(calls), 0) from pg_stat_statements where query like '%pg_walfile_name%recovering%'"
    with databases.connect(stack.require_primary(), stack.tier.secrets, stack.plan.postgres.database) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return int(str(row[0]))
