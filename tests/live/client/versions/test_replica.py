"""Reads from the replica of each version, and own writes that it has not replayed."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.versions.servers import Servers

from candlefish import Database

pytestmark = pytest.mark.live

IS_REPLICA = "select pg_is_in_recovery()"
COUNT = "select count(*) from shelf"


def open_database(servers: Servers) -> Database:
    return Database(servers.primary_url, read_urls=[servers.replica_url])


@contextmanager
def replay_paused(servers: Servers) -> Iterator[None]:
    """Let the replica replay nothing until the block ends."""
    with psycopg.connect(servers.replica_url, autocommit=True) as replica:
        replica.execute("select pg_wal_replay_pause()")
        try:
            yield
        finally:
            replica.execute("select pg_wal_replay_resume()")


@pytest.fixture
async def shelf(servers: Servers, eventually: Eventually) -> Servers:
    """Give the servers with an empty table that the replica has."""
    async with Database(servers.primary_url) as primary, Database(servers.replica_url) as replica:
        await primary.execute("create table shelf (id int primary key)")
        exists = "select to_regclass('public.shelf') is not null"
        await eventually(lambda: replica.fetchval(exists))
    return servers


async def test_reads_go_to_the_replica_and_writes_to_the_primary(servers: Servers) -> None:
    async with open_database(servers) as db:
        assert [await db.fetchval(IS_REPLICA) for _ in range(4)] == [True] * 4
        assert await db.fetchval(IS_REPLICA, primary=True) is False
        async with db.transaction() as tx:
            assert await tx.fetchval(IS_REPLICA) is False


async def test_an_own_write_is_seen_although_the_replica_lacks_it(shelf: Servers) -> None:
    async with open_database(shelf) as db:
        with replay_paused(shelf):
            await db.execute("insert into shelf values (1)")
            assert [await db.fetchval(COUNT) for _ in range(10)] == [1] * 10


async def test_an_own_write_is_seen_by_another_process_that_has_the_token(shelf: Servers) -> None:
    async with open_database(shelf) as one, open_database(shelf) as other:
        with replay_paused(shelf):
            with one.own_writes() as writes:
                await one.execute("insert into shelf values (1)")
                token = await writes.token()
            assert token is not None
            assert await other.fetchval(COUNT) == 0
            with other.own_writes(token):
                assert await other.fetchval(COUNT) == 1


async def test_reads_return_to_the_replica_once_it_has_the_own_write(shelf: Servers, eventually: Eventually) -> None:
    async with open_database(shelf) as db:
        with replay_paused(shelf):
            await db.execute("insert into shelf values (1)")
            assert await db.fetchval(IS_REPLICA) is False
        await eventually(lambda: db.fetchval(IS_REPLICA))
        assert await db.fetchval(COUNT) == 1


async def test_the_replicas_lag_is_known(shelf: Servers, eventually: Eventually) -> None:
    async with open_database(shelf) as db:
        await db.execute("insert into shelf values (1)")
        await eventually(lambda: db.replicas()[0].replay_lsn > 0)
        assert db.replicas()[0].in_rotation
