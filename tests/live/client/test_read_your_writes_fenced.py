"""The read that asks its own server first."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from candlefish.client.postgres.fenced import ReplicaBehind, is_replica_with, run_fenced
from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.probe import Probe, Sample
from candlefish.endpoints import Endpoints

if TYPE_CHECKING:
    from candlefish.client.postgres.connector import Connection

pytestmark = pytest.mark.live

ISOLATION = "select current_setting('transaction_isolation') || ', ' || current_setting('transaction_read_only')"


@pytest.fixture
async def replica(endpoints: Endpoints) -> AsyncIterator["Connection"]:
    connection = await asyncpg.connect(endpoints.read_urls[0])
    yield connection
    await connection.close()


async def where(url: str) -> Position:
    """Return where the server of a URL is."""
    probe = Probe(url)
    sample = await probe.ask()
    probe.close()
    assert isinstance(sample, Sample)
    return sample.position


async def fetch(connection: "Connection", sql: str) -> object:
    return await connection.fetchval(sql)


async def test_a_server_that_has_replayed_the_write_is_read(endpoints: Endpoints, replica: "Connection") -> None:
    reached = await where(endpoints.read_urls[0])
    assert await run_fenced(replica, fetch, ISOLATION, is_replica_with(reached)) == "read committed, on"
    assert not replica.is_in_transaction()


async def test_a_server_that_has_not_is_not_read(endpoints: Endpoints, replica: "Connection") -> None:
    reached = await where(endpoints.read_urls[0])
    with pytest.raises(ReplicaBehind):
        await run_fenced(replica, fetch, "select 1/0", is_replica_with(reached._replace(lsn=2**60)))
    assert not replica.is_in_transaction()
    assert await replica.fetchval("select 1") == 1


async def test_a_server_of_an_older_timeline_is_not_read(endpoints: Endpoints, replica: "Connection") -> None:
    reached = await where(endpoints.read_urls[0])
    with pytest.raises(ReplicaBehind):
        await run_fenced(replica, fetch, "select 1/0", is_replica_with(reached._replace(timeline=reached.timeline + 1)))


async def test_a_primary_is_not_read_as_a_replica(endpoints: Endpoints) -> None:
    primary: Connection = await asyncpg.connect(endpoints.main_url)
    with pytest.raises(ReplicaBehind):
        await run_fenced(primary, fetch, "select 1/0", is_replica_with(Position(1, 1)))
    await primary.close()


async def test_a_read_that_fails_leaves_its_connection_clean(endpoints: Endpoints, replica: "Connection") -> None:
    reached = await where(endpoints.read_urls[0])
    with pytest.raises(asyncpg.DivisionByZeroError):
        await run_fenced(replica, fetch, "select 1/0", is_replica_with(reached))
    assert not replica.is_in_transaction()
    assert await run_fenced(replica, fetch, "select 7", is_replica_with(reached)) == 7


async def test_an_endpoint_that_gives_no_transaction_is_not_read(endpoints: Endpoints) -> None:
    by_statement: Connection = await asyncpg.connect(endpoints.analytics_url, statement_cache_size=0)
    with pytest.raises((ReplicaBehind, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await run_fenced(by_statement, fetch, "select 1/0", is_replica_with(Position(1, 1)))
    by_statement.terminate()


async def test_what_is_committed_up_to_the_fence_is_read(database: Endpoints) -> None:
    primary: Connection = await asyncpg.connect(database.main_url)
    await primary.execute("create table shelf (id int)")
    replica: Connection = await asyncpg.connect(database.read_urls[0])
    for number in range(1, 50):
        await primary.execute(f"insert into shelf values ({number})")
        written = await where(database.main_url)
        found = None
        while found is None:
            try:
                found = await run_fenced(replica, fetch, "select count(*) from shelf", is_replica_with(written))
            except ReplicaBehind:
                continue
        assert found == number
    await primary.close()
    await replica.close()
