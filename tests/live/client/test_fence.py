"""What was read before a commit is not kept after it, wherever it was read and whatever happens to the writer."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import pytest
from tests.live.client.replicas import held_back, replicas, stopped, switch_over

from candlefish import Cache, Database
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack
from candlefish.plan.model import PostgresNode

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually

pytestmark = pytest.mark.live

SLOW_S = 60.0
"""Of every call: the machine may be busy, and Patroni waits before it gives a standby up."""


class Process:
    """What one process of an application has: a database, a cache, and a loader that counts its runs."""

    def __init__(self, db: Database, cache: Cache) -> None:
        self.db = db
        self.cache = cache
        self.runs = 0

    async def load(self, *, primary: bool = False) -> int | None:
        self.runs += 1
        return await self.db.fetchval("select count from shelf where id = 1", into=int, primary=primary)

    async def ask(self, key: str, *, primary: bool = False, tags: tuple[str, ...] = ()) -> int | None:
        """Ask in a context that has written nothing."""
        return await asyncio.create_task(self.cache.get_or_load(key, partial(self.load, primary=primary), tags=tags))

    async def write(self, key: str, count: int) -> None:
        async with self.db.transaction() as tx:
            await tx.execute("update shelf set count = $1 where id = 1", count)
            self.cache.invalidate(tx, key)


@pytest.fixture
def key() -> str:
    return f"shelf:{uuid4().hex}"


@pytest.fixture
async def shelf(database: Endpoints, eventually: "Eventually") -> Endpoints:
    """Give a database with one row that all replicas have."""
    async with Database(database.main_url) as primary:
        await primary.execute("create table shelf (id int primary key, count int)")
        await primary.execute("insert into shelf values (1, 0)")
    for url in database.read_urls:
        async with Database(url) as replica:
            await eventually(lambda: replica.fetchval("select to_regclass('shelf') is not null"))
            await eventually(lambda: replica.fetchval("select count(*) = 1 from shelf"))
    return database


@pytest.fixture
async def processes(shelf: Endpoints) -> AsyncIterator[list[Process]]:
    """Give a writer and a reader."""
    env = shelf.to_env()
    prefix = f"test:{uuid4().hex[:8]}:"
    options = {"lag_limit_s": SLOW_S, "statement_timeout_s": SLOW_S}
    async with (
        Database.from_env(env, **options) as one,
        Database.from_env(env, **options) as other,
        Cache.from_env(env, prefix=prefix, timeout_s=5.0) as first,
        Cache.from_env(env, prefix=prefix, timeout_s=5.0) as second,
    ):
        yield [Process(one, first), Process(other, second)]


def replica_reads(process: Process) -> int:
    return sum(replica.reads for replica in process.db.replicas())


async def test_a_load_behind_a_fence_is_served_by_a_replica_that_has_seen_the_write(
    processes: list[Process], key: str, eventually: "Eventually"
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0  # nothing is known of the key yet: the primary is asked
    assert replica_reads(reader) == 0
    await writer.write(key, 1)

    async def is_served_by_a_replica() -> bool:
        await writer.write(key, 2)
        await asyncio.sleep(0.05)
        assert await reader.ask(key) == 2
        return replica_reads(reader) > 0

    await eventually(is_served_by_a_replica)
    runs = reader.runs
    assert await reader.ask(key) == await writer.ask(key) == 2
    assert (reader.runs, writer.runs) == (runs, 0)


async def test_what_a_lagging_replica_has_is_not_kept_after_a_write(
    stack: Stack, processes: list[Process], key: str
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    with held_back(stack):
        await writer.write(key, 1)
        assert await reader.ask(key) == 1
        assert replica_reads(reader) == 0
        assert await writer.cache.get(key) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_nor_under_a_tag_that_was_invalidated(
    stack: Stack, processes: list[Process], key: str, announced: bool
) -> None:
    writer, reader = processes
    tags = (f"shelf:{key}", "rest")
    assert await reader.ask(key, tags=tags) == 0
    with held_back(stack):
        if announced:
            async with writer.db.transaction() as tx:
                await tx.execute("update shelf set count = 1 where id = 1")
                writer.cache.invalidate(tx, tags=tags[:1])
        else:
            await writer.db.execute("update shelf set count = 1 where id = 1")
            assert await writer.cache.delete(tags=tags[:1])
        assert await writer.cache.get(key, tags=tags) is None
        assert await reader.ask(key, tags=tags) == 1
        assert replica_reads(reader) == 0
        assert await writer.cache.get(key, tags=tags) == 1
    assert (reader.runs, reader.cache.stats().refused_fills) == (2, 0)


async def test_a_row_names_its_keys_and_tags_by_the_rules(
    stack: Stack, shelf: Endpoints, key: str, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[[rule]]\ntable = "shelf"\nkeys = ["{key}:{{id}}"]\ntags = ["{key}:{{count}}"]\n')
    env = shelf.to_env()
    async with Database.from_env(env) as db, Cache.from_env(env, rules=rules) as cache:
        process = Process(db, cache)
        tags = (f"{key}:0",)
        assert [await process.ask(f"{key}:1"), await process.ask(key, tags=tags)] == [0, 0]
        with held_back(stack):
            async with db.transaction() as tx:
                old = await tx.fetchrow("select id, count from shelf where id = 1 for update")
                new = await tx.fetchrow("update shelf set count = 5 where id = 1 returning id, count")
                assert old is not None
                assert new is not None
                cache.invalidate_rows(tx, "shelf", old, new)
            assert await cache.get(f"{key}:1") is None
            assert await cache.get(key, tags=tags) is None
            assert await process.ask(f"{key}:1") == 5


async def test_what_is_loaded_under_a_tag_before_the_commit_is_not_found_after_it(
    processes: list[Process], key: str
) -> None:
    writer, reader = processes
    tags = (f"shelf:{key}",)
    before = writer.db.transaction()
    async with before as tx:
        await tx.execute("update shelf set count = 1 where id = 1")
        writer.cache.invalidate(tx, tags=tags)
        assert await reader.ask(key, primary=True, tags=tags) == 0
    assert await writer.cache.get(key, tags=tags) is None
    assert await reader.ask(key, primary=True, tags=tags) == 1


async def test_nor_after_a_plain_delete(stack: Stack, processes: list[Process], key: str) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    with held_back(stack):
        await writer.db.execute("update shelf set count = 1 where id = 1")
        assert await writer.cache.delete(key)
        assert await reader.ask(key) == 1
        assert await writer.cache.get(key) == 1


async def test_that_there_was_no_row_is_not_kept_after_there_is_one(
    stack: Stack, processes: list[Process], key: str
) -> None:
    writer, reader = processes
    await writer.db.execute("delete from shelf")
    await writer.cache.delete(key)
    assert await reader.ask(key) is None
    with held_back(stack):
        async with writer.db.transaction() as tx:
            await tx.execute("insert into shelf values (1, 7)")
            writer.cache.invalidate(tx, key)
        assert await reader.ask(key) == 7
        assert await writer.cache.get(key) == 7


async def test_a_fence_that_was_evicted_lets_nothing_old_through(
    stack: Stack, processes: list[Process], key: str
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    with held_back(stack):
        await writer.write(key, 1)
        await evict_fences(writer)
        assert await reader.ask(key) == 1
        assert await writer.cache.get(key) == 1


async def evict_fences(process: Process) -> None:
    """Delete every fence of a cache, as Redis may when its memory is full."""
    redis = process.cache._redis
    names = await redis.call("", "KEYS", f"{process.cache._prefix}~fence:*")
    assert names
    await redis.call("", "DEL", *names)


def synchronous(stack: Stack) -> PostgresNode:
    """Return the replica for which commits wait."""
    with databases.connect(stack.require_primary(), stack.tier.secrets) as connection:
        row = connection.execute(
            "select application_name from pg_stat_replication where sync_state in ('sync', 'quorum')"
        )
        name = row.fetchone()
    assert name is not None
    return next(node for node in replicas(stack) if node.name == name[0])


WAITING = """
select count(*) > 0 from pg_stat_activity
where wait_event = 'SyncRep' and query = 'commit' and datname = current_database()
"""


async def is_committing(endpoints: Endpoints) -> bool:
    """Tell whether a commit waits for its standby."""
    connection = await asyncpg.connect(endpoints.main_url, statement_cache_size=0)
    try:
        return bool(await connection.fetchval(WAITING))
    finally:
        await connection.close()


@pytest.mark.parametrize("lost", [False, True], ids=["fence kept", "fence evicted"])
async def test_what_is_read_while_a_commit_waits_for_its_standby_is_answered_and_not_kept(
    stack: Stack, shelf: Endpoints, processes: list[Process], key: str, eventually: "Eventually", lost: bool
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    with stopped(stack, synchronous(stack)):
        writing = asyncio.create_task(writer.write(key, 1))
        await eventually(lambda: is_committing(shelf))
        if lost:
            await evict_fences(writer)
        assert await reader.ask(key, primary=True) == 0  # a replica may have replayed the commit already
        assert lost or reader.cache.stats().refused_fills == 1
    await asyncio.wait_for(writing, SLOW_S)
    assert await reader.ask(key) == 1
    assert await writer.cache.get(key) == 1


async def test_a_writer_that_is_cancelled_in_its_commit_leaves_nothing_old(
    stack: Stack, shelf: Endpoints, processes: list[Process], key: str, eventually: "Eventually"
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    with stopped(stack, synchronous(stack)):
        writing = asyncio.create_task(writer.write(key, 1))
        await eventually(lambda: is_committing(shelf))
        writing.cancel()
        await asyncio.wait([writing])
        kept = await reader.ask(key, primary=True), await reader.cache.get(key)
        # a cancelled wait for the standby ends in a commit here and now: PostgreSQL warns, and others may see it
        assert kept in [(0, None), (1, None), (1, 1)]

    async def sees_what_became_of_it() -> bool:
        there = await reader.db.fetchval("select count from shelf", primary=True)
        return bool(await reader.ask(key) == there == await reader.cache.get(key))

    await eventually(sees_what_became_of_it)


@pytest.mark.parametrize("awaits", range(0, 40, 3))
async def test_a_writer_that_is_cancelled_anywhere_leaves_nothing_old(
    processes: list[Process], key: str, awaits: int, eventually: "Eventually"
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    writing = asyncio.create_task(writer.write(key, 1))
    for _ in range(awaits):
        await asyncio.sleep(0)
    await asyncio.sleep(awaits / 10_000)
    writing.cancel()
    await asyncio.wait([writing])

    async def agrees() -> bool:
        kept = await reader.ask(key)
        return bool(kept == await reader.db.fetchval("select count from shelf", primary=True))

    await eventually(agrees)


async def test_what_a_transaction_has_not_committed_is_not_kept(processes: list[Process], key: str) -> None:
    writer, reader = processes

    async def fail() -> None:
        async with writer.db.transaction() as tx:
            await tx.execute("update shelf set count = 9 where id = 1")

            async def load() -> int | None:
                return await tx.fetchval("select count from shelf where id = 1", into=int)

            assert await writer.cache.get_or_load(key, load) == 9
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await reader.cache.get(key) is None
    assert await reader.ask(key) == 0


async def test_what_a_transaction_reads_is_kept(processes: list[Process], key: str) -> None:
    writer, reader = processes

    async def load() -> int | None:
        async with writer.db.transaction(isolation="repeatable_read", readonly=True) as tx:
            await tx.fetchval("select 1")
            return await tx.fetchval("select count from shelf where id = 1", into=int)

    assert await writer.cache.get_or_load(key, load) == 0
    assert await reader.cache.get(key) == 0


async def test_a_rolled_back_transaction_makes_nothing_invalid(processes: list[Process], key: str) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0

    async def fail() -> None:
        async with writer.db.transaction() as tx:
            await tx.execute("update shelf set count = 9 where id = 1")
            writer.cache.invalidate(tx, key)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await reader.cache.get(key) == 0


async def test_a_transaction_that_wrote_nothing_deletes_all_the_same(processes: list[Process], key: str) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    async with writer.db.transaction() as tx:
        writer.cache.invalidate(tx, key)
    assert await reader.cache.get(key) is None


async def test_a_promotion_leaves_a_fence_that_the_new_primary_can_meet(
    stack: Stack, processes: list[Process], key: str, eventually: "Eventually"
) -> None:
    writer, reader = processes
    assert await reader.ask(key) == 0
    await writer.write(key, 1)
    switch_over(stack)
    await writer.write(key, 2)

    async def keeps_it_again() -> bool:
        assert await reader.ask(key) == 2
        return bool(await reader.cache.get(key) == 2)

    await eventually(keeps_it_again)
