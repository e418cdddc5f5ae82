"""`Database` through the tier's endpoints."""

import asyncio
from collections import Counter

import pytest

from candlefish import AcquireTimeout, Database, StatementFailed, StatementTimeout, Unavailable, WriteUnknown
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

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


async def test_a_closed_database_refuses_to_work(endpoints: Endpoints) -> None:
    async with open_database(endpoints) as db:
        await db.fetchval("select 1")
    with pytest.raises(Unavailable, match="closed"):
        await db.fetchval("select 1", primary=True)
