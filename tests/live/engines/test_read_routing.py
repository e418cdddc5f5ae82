"""Reads are spread over the replicas; a dead one leaves and comes back by itself."""

import asyncio
import os
import signal
from collections import Counter

import asyncpg
import psycopg

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack

QUERIES = 10_000
CLIENTS = 20
WHERE = "select host(inet_server_addr())"


def assert_spread(served: Counter[str]) -> None:
    """Each of two replicas serves 30 to 70 %."""
    assert len(served) == 2, served
    total = sum(served.values())
    assert all(0.3 <= count / total <= 0.7 for count in served.values()), served


def test_sequential_reads_are_spread(tier: Endpoints) -> None:
    with psycopg.connect(tier.read_url, autocommit=True, prepare_threshold=None) as connection:
        served = Counter(str(connection.execute(WHERE).fetchone()[0]) for _ in range(QUERIES))  # type: ignore[index]
    assert_spread(served)


async def read(url: str, count: int) -> Counter[str]:
    """Ask `count` times, on one connection, which server answers."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    try:
        return Counter([await connection.fetchval(WHERE) for _ in range(count)])
    finally:
        await connection.close()


async def test_concurrent_reads_are_spread(tier: Endpoints) -> None:
    counts = await asyncio.gather(*(read(tier.read_url, QUERIES // CLIENTS) for _ in range(CLIENTS)))
    assert_spread(sum(counts, Counter()))


def serving(tier: Endpoints) -> set[str]:
    """Return the servers that answer on the read endpoint now."""
    with psycopg.connect(tier.read_url, autocommit=True, prepare_threshold=None) as connection:
        return {str(connection.execute(WHERE).fetchone()[0]) for _ in range(40)}  # type: ignore[index]


async def test_a_killed_replica_costs_only_what_was_in_flight_and_returns(stack: Stack, tier: Endpoints) -> None:
    primary = stack.require_primary()
    replica = next(node for node in stack.plan.postgres.nodes if node != primary)
    failures: list[str] = []
    stop = asyncio.Event()

    async def reader() -> None:
        connection = await asyncpg.connect(tier.read_url, statement_cache_size=0)
        while not stop.is_set():
            try:
                await connection.fetchval(WHERE)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
                failures.append(f"{type(error).__name__}: {error}")
                connection.terminate()
                connection = await asyncpg.connect(tier.read_url, statement_cache_size=0)
        await connection.close()

    readers = [asyncio.create_task(reader()) for _ in range(CLIENTS)]
    await asyncio.sleep(1)
    postmaster = int((stack.state.data / replica.name / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    await asyncio.sleep(3)
    stop.set()
    await asyncio.gather(*readers)
    assert len(failures) <= CLIENTS, Counter(failures)
    assert process.wait_until(lambda: len(serving(tier)) == 2, timeout_s=60, poll_s=0.5)
