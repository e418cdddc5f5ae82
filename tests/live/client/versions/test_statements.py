"""What an application does every day, against each version."""

import asyncio

import pytest
from tests.live.client.versions.servers import Servers

from candlefish import Database, StatementFailed, Transaction

pytestmark = pytest.mark.live


def open_database(servers: Servers) -> Database:
    return Database(servers.primary_url, read_urls=[servers.replica_url], session_url=servers.primary_url)


async def test_every_kind_of_statement_gives_what_it_promises(servers: Servers) -> None:
    async with open_database(servers) as db:
        await db.execute("create table shelf (id int primary key, title text)")
        await db.executemany("insert into shelf values ($1, $2)", [(1, "one"), (2, "two")])
        assert await db.execute("update shelf set title = $1 where id = $2", "deux", 2) == "UPDATE 1"
        rows = await db.fetch("select id, title from shelf order by id", primary=True)
        assert [tuple(row.values()) for row in rows] == [(1, "one"), (2, "deux")]
        row = await db.fetchrow("select title from shelf where id = $1", 1, primary=True)
        assert row is not None
        assert row["title"] == "one"
        assert await db.fetchval("select count(*) from shelf", primary=True) == 2


async def test_the_server_is_of_the_version_that_was_asked_for(servers: Servers) -> None:
    async with open_database(servers) as db:
        for primary in (True, False):
            version = await db.fetchval("show server_version_num", primary=primary)
            assert int(version) // 10_000 == servers.major


async def test_a_transaction_commits_as_a_whole_and_rolls_back_as_a_whole(servers: Servers) -> None:
    async with open_database(servers) as db:
        await db.execute("create table shelf (id int primary key)")
        async with db.transaction(isolation="serializable") as tx:
            await tx.executemany("insert into shelf values ($1)", [(1,), (2,)])
        with pytest.raises(StatementFailed):
            await insert_twice(db, 3)
        assert await db.fetchval("select array_agg(id order by id) from shelf", primary=True) == [1, 2]


async def insert_twice(db: Database, number: int) -> None:
    async with db.transaction() as tx:
        await tx.execute("insert into shelf values ($1)", number)
        await tx.execute("insert into shelf values ($1)", number)


async def test_statements_are_prepared_on_a_direct_connection(servers: Servers) -> None:
    async with Database(servers.primary_url, pool_size=1) as db:
        assert db.stats()[0].prepared is True
        for number in range(3):
            assert await db.fetchval("select $1::int + 1000", number) == number + 1000
        kept = "select count(*) from pg_prepared_statements where statement like 'select $1::int + 1000%'"
        assert await db.fetchval(kept) == 1


async def test_prepared_statements_survive_a_change_of_their_table(servers: Servers) -> None:
    async with Database(servers.primary_url, pool_size=4) as db:
        await db.execute("create table shelf as select 1 as a")
        await asyncio.gather(*(db.fetch("select * from shelf") for _ in range(20)))
        await db.execute("alter table shelf add column b int default 2")
        rows = await asyncio.gather(*(db.fetchrow("select * from shelf") for _ in range(20)))
        assert all(row is not None and dict(row.items()) == {"a": 1, "b": 2} for row in rows)


async def test_a_session_keeps_what_it_sets(servers: Servers) -> None:
    async with open_database(servers) as db:
        async with db.session() as session:
            await session.execute("set application_name = 'nightly'")
            assert await session.fetchval("show application_name") == "nightly"
        async with db.session() as session:
            assert await session.fetchval("show application_name") != "nightly"


async def test_transactions_as_functions_are_begun_anew_until_they_go_together(servers: Servers) -> None:
    async with open_database(servers) as db:
        await db.execute("create table shelf as select 0 as amount")
        counts = await asyncio.gather(*(db.run(count_up, isolation="serializable") for _ in range(8)))
        assert sorted(counts) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert await db.fetchval("select amount from shelf") == 8


async def count_up(tx: Transaction) -> int:
    amount = await tx.fetchval("select amount from shelf")
    await tx.execute("update shelf set amount = $1", amount + 1)
    return int(amount) + 1
