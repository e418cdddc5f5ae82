"""Targets on the tier, and workloads that fail on purpose."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from candlefish.bench.target import Target
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack

WORKLOAD = """
from candlefish.bench.workload import Operation


async def write(session, random):
    async with session.transaction() as tx:
        await tx.execute("insert into arrivals values ($1)", random.randrange(1_000_000_000))


async def rejected(session, random):
    await session.execute("select 1/0")


async def mistaken(session, random):
    raise KeyError("a mistake of the workload")


async def slow(session, random):
    await session.fetchval("select pg_sleep(60)")


async def read_and_forget(session, random):
    await session.cached_read("bench:forgotten", "select 1 as one")
    async with session.transaction() as tx:
        session.forget(tx, "bench:forgotten")


def operations(settings):
    return [
        Operation(name, kind, 1.0, run)
        for name, kind, run in (
            ("write", "write", write), ("rejected", "write", rejected), ("mistaken", "read", mistaken),
            ("slow", "read", slow), ("read_and_forget", "read", read_and_forget),
        )
        if name in settings["only"]
    ]
"""


@pytest.fixture
def workload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the import path of a workload; its setting `only` names the operations."""
    (tmp_path / "failing_workload.py").write_text(WORKLOAD)
    monkeypatch.syspath_prepend(tmp_path)
    yield "failing_workload:operations"
    sys.modules.pop("failing_workload", None)


@pytest.fixture
def endpoints(stack: Stack) -> Endpoints:
    """Give the endpoints of the tier's own database as they are now: no table, no row of it may be left behind."""
    return stack.endpoints()


@pytest.fixture
def pooled(endpoints: Endpoints) -> Target:
    """Give a target with everything: PgBouncer, replicas, cache."""
    return Target(
        "pooled",
        endpoints.main_url,
        read_urls=endpoints.read_urls,
        pooled=True,
        redis_url=endpoints.redis_url,
        sentinel_url=endpoints.sentinel_url,
    )


@pytest.fixture
def direct(stack: Stack) -> Target:
    """Give a target that connects to the primary for each request."""
    node = stack.require_primary()
    return Target(
        "direct",
        f"postgresql://{databases.APP}:{stack.tier.secrets.app}@{node.host}:{node.port}/{stack.plan.postgres.database}",
    )
