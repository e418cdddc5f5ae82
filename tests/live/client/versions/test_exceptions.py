"""What each version refuses or ends arrives as ours, and the pool goes on."""

import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.versions.servers import Servers

from candlefish import Database, DatabaseError, StatementFailed, StatementTimeout, WriteUnknown, process

pytestmark = pytest.mark.live

SERVER_PROCESS = "select pg_backend_pid()"


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("select * from nowhere", "42P01"),
        ("selec", "42601"),
        ("select 1/0", "22012"),
        ("insert into shelf values (1), (1)", "23505"),
        ("insert into shelf values (null)", "23502"),
        ("do $$ begin raise exception 'no' using errcode = 'AB123'; end $$", "AB123"),
    ],
)
async def test_what_the_server_refuses_comes_with_its_sqlstate(servers: Servers, sql: str, sqlstate: str) -> None:
    async with Database(servers.primary_url, pool_size=1) as db:
        await db.execute("create table shelf (id int primary key)")
        with pytest.raises(StatementFailed) as refused:
            await db.execute(sql)
        assert refused.value.sqlstate == sqlstate
        assert refused.value.carried_out is False
        assert await db.fetchval("select 1") == 1
        assert db.stats()[0].connects == 1


async def test_a_write_on_a_replica_is_refused_as_ours(servers: Servers) -> None:
    async with Database(servers.replica_url, retry_s=0.1) as db:
        with pytest.raises(StatementFailed) as refused:
            await db.execute("create table shelf (id int)")
        assert refused.value.sqlstate == "25006"


async def test_transactions_that_do_not_go_together_are_told_so(servers: Servers) -> None:
    async with Database(servers.primary_url) as db:
        await db.execute("create table shelf as select 1 as id, 0 as amount")
        with pytest.raises(StatementFailed) as refused:
            await cross_another_transaction(db)
        assert refused.value.sqlstate == "40001"
        assert refused.value.carried_out is False


async def cross_another_transaction(db: Database) -> None:
    async with db.transaction(isolation="serializable") as tx:
        await tx.fetchval("select amount from shelf")
        await db.execute("update shelf set amount = amount + 1")
        await tx.execute("update shelf set amount = amount + 1")


async def test_a_read_that_takes_too_long_is_ended_and_the_pool_goes_on(servers: Servers) -> None:
    async with Database(servers.primary_url, pool_size=1, statement_timeout_s=0.3) as db:
        with pytest.raises(StatementTimeout):
            await db.fetchval("select pg_sleep(30)")
        assert await db.fetchval("select 1") == 1


async def test_the_servers_own_statement_timeout_is_the_same_error(servers: Servers) -> None:
    async with Database(servers.primary_url, session_url=servers.primary_url) as db, db.session() as session:
        await session.execute("set statement_timeout = '100ms'")
        with pytest.raises(StatementTimeout):
            await session.execute("select pg_sleep(30)")


async def test_a_write_whose_connection_is_killed_may_have_been_carried_out_and_is_not_repeated(
    servers: Servers,
) -> None:
    async with Database(servers.primary_url) as db:
        await db.execute("create table shelf (id serial)")
        with pytest.raises(WriteUnknown):
            await db.execute("insert into shelf select from pg_terminate_backend(pg_backend_pid())")
        assert await db.fetchval("select count(*) from shelf") == 0


async def test_a_transaction_that_the_server_ended_for_idling_is_lost_and_the_pool_goes_on(
    servers: Servers, eventually: Eventually
) -> None:
    async with Database(servers.primary_url, pool_size=1) as db:
        await db.execute("create table shelf (id int)")
        with pytest.raises(DatabaseError) as lost:
            await idle_in_a_transaction(db, eventually)
        assert lost.value.carried_out is False
        assert await db.fetchval("select count(*) from shelf") == 0


async def idle_in_a_transaction(db: Database, eventually: Eventually) -> None:
    async with db.transaction() as tx:
        server = await tx.fetchval(SERVER_PROCESS)
        await tx.execute("insert into shelf values (1)")
        await tx.execute("set local idle_in_transaction_session_timeout = '50ms'")
        await eventually(lambda: not process.is_alive(server))
        await tx.execute("insert into shelf values (2)")


async def test_a_read_does_not_notice_that_the_server_ended_its_connection_for_idling(
    servers: Servers, eventually: Eventually
) -> None:
    if servers.major < 14:
        pytest.skip("idle_session_timeout came with PostgreSQL 14")
    async with Database(servers.primary_url, pool_size=1) as db:
        server = await db.fetchval(SERVER_PROCESS)
        await db.execute("set idle_session_timeout = '50ms'")
        await eventually(lambda: not process.is_alive(server))
        assert await db.fetchval(SERVER_PROCESS) != server


async def test_a_transaction_that_took_longer_than_the_server_allows_is_lost_and_the_pool_goes_on(
    servers: Servers,
) -> None:
    if servers.major < 17:
        pytest.skip("transaction_timeout came with PostgreSQL 17")
    async with Database(servers.primary_url, pool_size=1) as db:
        with pytest.raises(DatabaseError):
            await take_longer_than_allowed(db)
        assert await db.fetchval("select 1") == 1


async def take_longer_than_allowed(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("set local transaction_timeout = '100ms'")
        await tx.execute("select pg_sleep(30)")
