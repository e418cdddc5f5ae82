"""Whoever writes sees it again, wherever the replicas are; whoever does not, reads from replicas."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from time import time
from typing import TYPE_CHECKING

import pytest
from tests.live.client.replicas import held_back, lag_at_random, replicas, switch_over

from candlefish import Database, WriteUnknown
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually

pytestmark = pytest.mark.live

IS_REPLICA = "select pg_is_in_recovery()"
COUNT = "select count(*) from shelf"
LONGEST_LAG_S = 0.5
LSN_OF_NO_PRIMARY = 2**60


def open_database(endpoints: Endpoints, **options: float) -> Database:
    return Database.from_env(endpoints.to_env(), **options)


@pytest.fixture
async def shelf(database: Endpoints, eventually: "Eventually") -> Endpoints:
    """Give a database with an empty table that all replicas have."""
    async with Database(database.main_url) as primary:
        await primary.execute("create table shelf (id int primary key, count int not null default 0)")
    for url in database.read_urls:
        async with Database(url) as replica:
            await eventually(lambda: replica.fetchval("select to_regclass('shelf') is not null"))
    return database


@dataclass
class Id:
    id: int


async def by_execute(db: Database) -> None:
    await db.execute("insert into shelf values (1)")


async def by_executemany(db: Database) -> None:
    await db.executemany("insert into shelf values ($1)", [(1,)])


async def by_copy(db: Database) -> None:
    await db.copy("shelf", [(1, 0)])


async def by_returning(db: Database) -> None:
    assert await db.fetchval("insert into shelf values (1) returning id", primary=True) == 1


async def by_text(db: Database) -> None:
    assert await db.fetchval("insert into shelf values (1) returning id") == 1


async def by_cte(db: Database) -> None:
    sql = "with new as (insert into shelf values (1) returning id) select id from new"
    assert await db.fetch(sql, into=Id) == [Id(1)]


async def by_transaction(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("insert into shelf values (1)")


async def by_run(db: Database) -> None:
    await db.run(lambda tx: tx.execute("insert into shelf values (1)"))


async def by_session(db: Database) -> None:
    async with db.session() as session:
        await session.execute("insert into shelf values (1)")


WAYS = (by_execute, by_executemany, by_copy, by_returning, by_text, by_cte, by_transaction, by_run, by_session)


@pytest.mark.parametrize("write", WAYS)
async def test_a_write_is_seen_however_it_was_made(
    stack: Stack, shelf: Endpoints, write: Callable[[Database], Awaitable[None]]
) -> None:
    async with open_database(shelf) as db:
        with held_back(stack):
            await write(db)
            assert await db.fetchval(COUNT) == 1


async def test_a_read_that_was_prepared_before_a_write_and_is_awaited_after_it_sees_it(
    stack: Stack, shelf: Endpoints
) -> None:
    async with open_database(shelf) as db:
        with held_back(stack):
            reading = db.fetchval(COUNT)
            await db.execute("insert into shelf values (1)")
            assert await reading == 1


async def test_who_has_written_nothing_reads_from_a_replica_although_it_lags(stack: Stack, shelf: Endpoints) -> None:
    async with open_database(shelf, lag_limit_s=60) as reader, Database(shelf.main_url) as writer:
        with held_back(stack):
            await writer.execute("insert into shelf values (1)")
            assert await reader.fetchval(COUNT) == 0


async def test_an_own_write_is_read_from_a_replica_as_soon_as_that_one_has_it(
    stack: Stack, shelf: Endpoints, eventually: "Eventually"
) -> None:
    late, fast = replicas(stack)
    async with open_database(shelf) as db:
        with held_back(stack, late):
            await db.execute("insert into shelf values (1)")
            await eventually(lambda: db.fetchval(IS_REPLICA))
            assert [await db.fetchval(COUNT) for _ in range(20)] == [1] * 20
            served = {stats.name: stats.reads for stats in db.replicas()}
            assert served["read_1"] == 0, f"{late.name} has nothing, {fast.name} has it"
            assert served["read_2"] >= 20


async def test_a_read_waits_for_a_replica_when_that_is_asked_for(stack: Stack, shelf: Endpoints) -> None:
    async with open_database(shelf, wait_for_replica_s=30) as db:
        with held_back(stack):
            await db.execute("insert into shelf values (1)")
            reading = asyncio.create_task(db.fetchval(IS_REPLICA))
            await asyncio.sleep(0)
        assert await reading is True


async def test_a_read_waits_for_no_replica_longer_than_it_may(stack: Stack, shelf: Endpoints) -> None:
    async with open_database(shelf, wait_for_replica_s=0.05) as db:
        with held_back(stack):
            await db.execute("insert into shelf values (1)")
            assert await db.fetchval(IS_REPLICA) is False


async def test_the_tasks_of_a_scope_see_what_one_of_them_wrote(stack: Stack, shelf: Endpoints) -> None:
    async with open_database(shelf) as db:
        with held_back(stack), db.own_writes():
            await asyncio.gather(*(db.execute("insert into shelf values ($1)", number) for number in range(5)))
            assert await db.fetchval(COUNT) == 5
            async with asyncio.TaskGroup() as group:
                group.create_task(db.execute("insert into shelf values (5)"))
            assert await asyncio.gather(*(db.fetchval(COUNT) for _ in range(10))) == [6] * 10


async def test_a_token_takes_what_was_written_to_another_database_object(
    stack: Stack, shelf: Endpoints, eventually: "Eventually"
) -> None:
    async with open_database(shelf) as one, open_database(shelf, lag_limit_s=60) as other:
        with held_back(stack):
            with one.own_writes() as writes:
                await one.execute("insert into shelf values (1)")
                token = await writes.token()
            assert await other.fetchval(COUNT) == 0
            with other.own_writes(token):
                assert await other.fetchval(COUNT) == 1
        with other.own_writes(token):
            await eventually(lambda: other.fetchval(IS_REPLICA))
            assert await other.fetchval(COUNT) == 1


@pytest.mark.parametrize("text", ["garbage", "9.1.ff.ff.ff", "1.0.0"])
async def test_what_is_no_token_hides_no_write_and_keeps_reads_on_the_primary_for_a_moment_only(
    stack: Stack, shelf: Endpoints, eventually: "Eventually", text: str
) -> None:
    async with Database(shelf.main_url) as writer, open_database(shelf, lag_limit_s=60) as db:
        with held_back(stack):
            await writer.execute("insert into shelf values (1)")
            assert await db.fetchval(COUNT) == 0
            with db.own_writes(text):
                assert await db.fetchval(COUNT) == 1
        with db.own_writes(text) as writes:
            await eventually(lambda: db.fetchval(IS_REPLICA))
            assert await writes.token() != text


async def test_a_token_from_the_future_does_not_keep_reads_on_the_primary(
    shelf: Endpoints, eventually: "Eventually"
) -> None:
    async with open_database(shelf) as db:
        for timeline in (1, 99):
            with db.own_writes(f"1.{timeline:x}.{LSN_OF_NO_PRIMARY:x}.{int(time()) + 10**6:x}"):
                await eventually(lambda: db.fetchval(IS_REPLICA))


async def test_a_commit_that_did_not_wait_for_the_disk_is_seen(shelf: Endpoints) -> None:
    async with open_database(shelf) as db:
        for number in range(100):
            async with db.transaction() as tx:
                await tx.execute("set local synchronous_commit = off")
                await tx.execute("insert into shelf values ($1)", number)
            await db.write_token()  # the sample is taken at once: before the commit is on the disk
            assert await db.fetchval(COUNT) == number + 1


async def test_an_endpoint_that_leads_now_to_one_replica_and_now_to_another_shows_every_own_write(
    stack: Stack, shelf: Endpoints
) -> None:
    async with Database(shelf.main_url, read_urls=[shelf.read_url], lag_limit_s=60) as db:
        with held_back(stack, replicas(stack)[0]):
            for number in range(1, 1000):
                await db.execute("insert into shelf values ($1)", number)
                assert await asyncio.gather(*(db.fetchval(COUNT) for _ in range(5))) == [number] * 5
                await db.write_token()
                assert await asyncio.gather(*(db.fetchval(COUNT) for _ in range(5))) == [number] * 5
                seen = db.replicas()[0]
                if seen.behind and seen.reads:
                    break
        assert seen.behind
        assert seen.reads


async def test_an_endpoint_that_gives_no_transactions_costs_no_reader_an_error(
    shelf: Endpoints, eventually: "Eventually"
) -> None:
    async with Database(shelf.main_url, read_urls=[shelf.analytics_url]) as db:
        await db.execute("insert into shelf values (1)")

        async def tried() -> bool:
            assert await db.fetchval(COUNT) == 1
            return db.replicas()[0].behind + db.replicas()[0].failures > 0

        await eventually(tried)


class Pairs:
    """Write and read again, in many tasks, and note what was missed; each task has a row of its own."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.done = 0
        self.unknown = 0
        self.written: Counter[int] = Counter()
        self.missed: list[str] = []

    async def run(self, tasks: int, goes_on: Callable[[], bool]) -> None:
        async with asyncio.TaskGroup() as group:
            for row in range(tasks):
                group.create_task(self._run(row, goes_on))

    async def _run(self, row: int, goes_on: Callable[[], bool]) -> None:
        random = Random(row)
        while goes_on():
            try:
                sql = "update shelf set count = count + 1 where id = $1 returning count"
                written = self.written[row] = await self.db.fetchval(sql, row, primary=True)
            except WriteUnknown:
                self.unknown += 1
                continue
            await asyncio.sleep(random.choice((0, 0, 0.02, 0.2)))
            found = await self.db.fetchval("select count from shelf where id = $1", row)
            self.done += 1
            if found < written:
                self.missed.append(f"row {row}: wrote {written}, read {found}")


@pytest.fixture
async def rows(shelf: Endpoints) -> int:
    """Fill the table, and say with how many rows."""
    async with Database(shelf.main_url) as primary:
        await primary.execute("insert into shelf select generate_series(0, 19)")
    return 20


@pytest.mark.slow
async def test_of_thousands_of_writes_under_random_lag_none_is_missed_and_other_reads_stay_on_replicas(
    stack: Stack, shelf: Endpoints, rows: int
) -> None:
    served: Counter[str] = Counter()
    async with open_database(shelf) as db, open_database(shelf) as other:
        pairs = Pairs(db)

        async def read_only() -> None:
            while pairs.done < 3000:
                written = pairs.written[1]
                found = await other.fetchrow("select count, pg_is_in_recovery() as replica from shelf where id = 1")
                assert found is not None
                served["replica" if found["replica"] else "primary"] += 1
                served["older"] += found["count"] < written
                await asyncio.sleep(0.005)

        random = Random(4)
        lagging = [asyncio.create_task(lag_at_random(stack, node, LONGEST_LAG_S, random)) for node in replicas(stack)]
        await asyncio.gather(read_only(), pairs.run(rows, lambda: pairs.done < 3000))
        for task in lagging:
            task.cancel()
        await asyncio.gather(*lagging, return_exceptions=True)
        of_own = sum(stats.reads for stats in db.replicas())
    assert pairs.missed == []
    assert served["older"] > 0, "the replicas did not lag"
    assert of_own > 0
    assert served["replica"] >= 0.8 * (served["replica"] + served["primary"]), served


@pytest.mark.slow
async def test_over_a_switchover_no_write_is_missed(
    stack: Stack, shelf: Endpoints, rows: int, eventually: "Eventually"
) -> None:
    async with open_database(shelf) as db:
        pairs = Pairs(db)
        moving = asyncio.create_task(asyncio.to_thread(switch_over, stack))
        settled = 0

        def goes_on() -> bool:
            nonlocal settled
            if moving.done() and not settled:
                settled = pairs.done
            return not settled or pairs.done < settled + 1000

        await pairs.run(rows, goes_on)
        await moving
        assert pairs.missed == []
        await db.execute("update shelf set count = 0")
        await eventually(lambda: db.fetchval(IS_REPLICA))  # replicas of the new timeline serve own writes too
