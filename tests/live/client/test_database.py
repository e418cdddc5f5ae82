"""`Database` through the tier's endpoints."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from candlefish import AcquireTimeout, Database, RowMismatch, StatementFailed, StatementTimeout, WriteUnknown
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually

IS_REPLICA = "select pg_is_in_recovery()"


def open_database(endpoints: Endpoints, **options: float) -> Database:
    return Database.from_env(endpoints.to_env(), **options)


async def test_reads_go_to_replicas_and_writes_to_the_primary(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        assert [await db.fetchval(IS_REPLICA) for _ in range(4)] == [True] * 4
        assert await db.fetchval(IS_REPLICA, primary=True) is False
        async with db.transaction() as tx:
            assert await tx.fetchval(IS_REPLICA) is False


async def test_reads_are_spread_over_the_replicas(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        served = Counter([await db.fetchval("select host(inet_server_addr())") for _ in range(100)])
        assert sorted(served.values()) == [50, 50]


async def test_every_kind_of_statement_gives_what_it_promises(database: Endpoints) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (id int primary key, title text)")
        await db.executemany("insert into shelf values ($1, $2)", [(1, "one"), (2, "two")])
        assert await db.execute("update shelf set title = $1 where id = $2", "deux", 2) == "UPDATE 1"
        rows = await db.fetch("select id, title from shelf order by id", primary=True)
        assert [dict(row.items()) for row in rows] == [{"id": 1, "title": "one"}, {"id": 2, "title": "deux"}]
        row = await db.fetchrow("select title from shelf where id = $1", 1, primary=True)
        assert row is not None
        assert row["title"] == "one"
        assert await db.fetchrow("select title from shelf where id = $1", 9, primary=True) is None
        assert await db.fetchval("select count(*) from shelf", primary=True) == 2


async def test_a_transaction_commits_as_a_whole_and_rolls_back_as_a_whole(database: Endpoints) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (id int primary key)")
        async with db.transaction() as tx:
            await tx.executemany("insert into shelf values ($1)", [(1,), (2,)])
        with pytest.raises(StatementFailed):
            await insert(db, 3, 1)
        with pytest.raises(KeyError):
            await insert(db, 4, fails=KeyError("the application's own mistake"))
        assert await db.fetchval("select count(*) from shelf", primary=True) == 2


async def insert(db: Database, *ids: int, fails: Exception | None = None) -> None:
    async with db.transaction() as tx:
        for one in ids:
            await tx.execute("insert into shelf values ($1)", one)
        if fails:
            raise fails


async def test_a_transaction_has_the_isolation_that_was_asked_for(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db, db.transaction(isolation="serializable") as tx:
        assert await tx.fetchval("show transaction_isolation") == "serializable"


async def test_a_refused_statement_says_why_and_leaves_its_connection_usable(endpoints: Endpoints) -> None:
    async with open_database(endpoints, pool_size=1) as db:
        for sql, sqlstate in (("select * from nowhere", "42P01"), ("select 1/0", "22012"), ("selec", "42601")):
            with pytest.raises(StatementFailed) as refused:
                await db.fetch(sql, primary=True)
            assert refused.value.sqlstate == sqlstate
        assert await db.fetchval("select 1", primary=True) == 1
        assert db.stats()[0].connects == db.stats()[0].size == 1


async def test_an_argument_of_the_wrong_type_is_refused_as_ours(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        with pytest.raises(StatementFailed):
            await db.fetchval("select $1::int", "no number")


async def test_a_statement_that_takes_too_long_is_ended_and_the_pool_goes_on(endpoints: Endpoints) -> None:
    async with open_database(endpoints, pool_size=1, statement_timeout_s=0.3) as db:
        with pytest.raises(StatementTimeout):
            await db.fetchval("select 1 from pg_sleep(30)")
        with pytest.raises(WriteUnknown):  # a statement that may write, ended by this side
            await db.execute("select pg_sleep(30)")
        assert await db.fetchval("select 1", primary=True) == 1


async def test_the_servers_own_statement_timeout_is_the_same_error(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db, db.session() as session:
        await session.execute("set statement_timeout = '100ms'")
        with pytest.raises(StatementTimeout):
            await session.execute("select pg_sleep(30)")


async def test_whoever_finds_no_free_connection_in_time_is_told(endpoints: Endpoints) -> None:
    async with open_database(endpoints, pool_size=1, acquire_timeout_s=0.2) as db:
        async with db.transaction():
            with pytest.raises(AcquireTimeout, match="pool main"):
                await db.execute("select 1")
        assert await db.execute("select 1") == "SELECT 1"
        stats = db.stats()[0]
        assert (stats.timeouts, stats.in_use, stats.waiting) == (1, 0, 0)


async def test_many_callers_share_few_connections(endpoints: Endpoints) -> None:
    async with open_database(endpoints, pool_size=3) as db:
        values = await asyncio.gather(*(db.fetchval("select $1::int", n, primary=True) for n in range(300)))
        assert values == list(range(300))
        stats = db.stats()[0]
        assert stats.connects == 3
        assert stats.acquired == 301  # opening takes the first
        assert stats.waits >= 297 - 3
        assert stats.wait_max_s * stats.waits >= stats.wait_sum_s > 0


async def test_a_cancelled_statement_costs_no_connection(endpoints: Endpoints) -> None:
    async with open_database(endpoints, pool_size=2) as db:
        for _ in range(3):
            slow = [asyncio.ensure_future(db.execute("select pg_sleep(30)")) for _ in range(2)]
            waiting = [asyncio.ensure_future(db.execute("select 1")) for _ in range(4)]
            await asyncio.sleep(0.1)
            for task in (*slow, waiting[0], waiting[2]):
                task.cancel()
            await asyncio.gather(*slow, waiting[0], waiting[2], return_exceptions=True)
            assert [await waiting[1], await waiting[3]] == ["SELECT 1", "SELECT 1"]
        assert db.stats()[0].in_use == 0


async def test_a_write_whose_server_connection_is_killed_is_not_repeated(database: Endpoints) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (id serial, title text)")
        with pytest.raises(WriteUnknown) as lost:
            await db.execute("insert into shelf (title) select 'lost' from pg_terminate_backend(pg_backend_pid())")
        assert lost.value.carried_out is None
        assert await db.fetchval("select count(*) from shelf", primary=True) == 0


async def test_a_write_by_fetch_whose_server_connection_is_killed_is_not_repeated(database: Endpoints) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (id serial)")
        with pytest.raises(WriteUnknown):
            await db.fetch("insert into shelf select from pg_terminate_backend(pg_backend_pid()) returning id")
        assert await db.fetchval("select count(*) from shelf", primary=True) == 0


async def test_a_row_of_a_write_that_does_not_fit_says_that_it_was_written(database: Endpoints) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (title text)")
        with pytest.raises(RowMismatch) as mismatch:
            await db.fetchval("insert into shelf values ('one') returning title", into=int)
        assert mismatch.value.carried_out is True
        assert await db.fetchval("select count(*) from shelf") == 1


async def test_rows_of_a_write_are_copied_out_from_the_primary(database: Endpoints, tmp_path: Path) -> None:
    async with open_database(database) as db:
        await db.execute("create table shelf (id int)")
        assert await db.copy_out("insert into shelf values (7) returning id", output=tmp_path / "ids.csv") == 1
        assert (tmp_path / "ids.csv").read_text() == "7\n"


async def test_a_function_that_writes_is_refused_by_a_replica_with_a_hint(
    database: Endpoints, eventually: "Eventually"
) -> None:
    async with Database(database.main_url) as primary:
        await primary.execute("create function build() returns void language sql as 'create table shelf (id int)'")
    for url in database.read_urls:
        async with Database(url) as replica:
            await eventually(lambda: replica.fetchval("select to_regprocedure('build()') is not null"))
    async with open_database(database) as db:
        with pytest.raises(StatementFailed) as refused:
            await db.fetchval("select build()")
        assert refused.value.sqlstate == "25006"
        assert "primary=True" in refused.value.hint
        await db.fetchval("select build()", primary=True)


async def test_a_report_does_not_write(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        with pytest.raises(UsageError, match="only reads"):
            await db.report("create table shelf (id int)")


async def test_a_session_keeps_what_it_sets_and_leaves_nothing_to_the_next(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        async with db.session() as session:
            await session.execute("set application_name = 'nightly'")
            assert await session.fetchval("show application_name") == "nightly"
        async with db.session() as session:
            assert await session.fetchval("show application_name") != "nightly"


async def test_a_report_runs_on_the_analytics_endpoint(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        assert (await db.report("select pg_is_in_recovery() as replica"))[0]["replica"] is True


async def test_endpoints_that_were_not_given_are_asked_for(endpoints: Endpoints) -> None:
    async with Database(endpoints.main_url) as db:
        with pytest.raises(UsageError, match="session endpoint"):
            db.session()
        with pytest.raises(UsageError, match="analytics endpoint"):
            await db.report("select 1")
        assert await db.fetchval(IS_REPLICA) is False  # without replicas, reads go to the primary


def test_a_missing_environment_names_the_variable() -> None:
    with pytest.raises(UsageError, match="CANDLEFISH_MAIN_URL"):
        Database.from_env({})


async def test_a_closed_database_says_so(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        await db.fetchval("select 1")
    with pytest.raises(UsageError, match="closed"):
        await db.fetchval("select 1", primary=True)


STATEMENTS = (
    lambda db: db.fetchval("select 1"),
    lambda db: db.execute("select 1"),
    lambda db: db.copy("shelf", [(1,)]),
    lambda db: db.report("select 1"),
    lambda db: db.run(lambda tx: tx.execute("select 1")),
    lambda db: db.transaction().__aenter__(),
    lambda db: db.session().__aenter__(),
    lambda db: db.listen("shelf").__aenter__(),
)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_database_that_was_not_opened_says_how_to_open_it(
    endpoints: Endpoints, statement: Callable[[Database], Awaitable[object]]
) -> None:
    db = open_database(endpoints)
    with pytest.raises(UsageError, match="not open") as refused:
        await statement(db)
    assert "async with" in refused.value.hint


def test_what_was_closed_can_be_opened_again_in_another_event_loop(endpoints: Endpoints) -> None:
    db = open_database(endpoints, pool_size=1, statement_timeout_s=1.0)

    async def use() -> None:
        async with db:
            async with asyncio.TaskGroup() as tasks:  # more than there are connections
                asked = [tasks.create_task(db.fetchval("select 1")) for _ in range(5)]
            assert [task.result() for task in asked] == [1] * 5
            with pytest.raises(StatementTimeout):
                await db.fetchval("select pg_sleep(20)")
            with pytest.raises(UsageError, match="open already"):
                await db.__aenter__()
            assert await db.fetchval("select 2") == 2

    asyncio.run(use())
    asyncio.run(use())
