from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import asyncpg
import pytest

from candlefish.demo.keyspace import Pick, keyspace
from candlefish.demo.operations import operations
from candlefish.demo.optimise import optimise
from candlefish.demo.reads import READS, Read

RunWorkload = Callable[..., Awaitable[None]]
OpenSession = Callable[..., Any]

SCALE = 0.01
DRAWS = 6


async def test_every_operation_runs_on_the_database_as_it_started(
    run_workload: RunWorkload, loaded: asyncpg.Connection
) -> None:
    await run_workload(loaded, optimised=False, scale=SCALE, draws=DRAWS)


@pytest.mark.parametrize("after", [True, False], ids=["as they became", "as they were"])
async def test_every_operation_runs_on_the_optimised_database(
    after: bool, run_workload: RunWorkload, shared: asyncpg.Connection
) -> None:
    await run_workload(shared, optimised=after, scale=SCALE, draws=DRAWS)


async def test_after_returns_the_rows_that_before_returns(shared: asyncpg.Connection) -> None:
    """The clock stands still within the transaction, and a view is refreshed in it: no row may differ."""
    pick = Pick(keyspace(SCALE), Random(3))
    async with shared.transaction():
        await shared.execute("refresh materialized view dashboard_stats")
        await shared.execute("refresh materialized view user_activity_summary")
        for read in READS:
            assert await count_equal_rows(shared, read, pick) > 0, f"{read.name} found nothing to compare"


async def count_equal_rows(connection: asyncpg.Connection, read: Read, pick: Pick) -> int:
    seen = 0
    for _ in range(15):
        arguments = read.arguments(pick)
        for query in read.queries:
            taken = [arguments[place] for place in query.uses]
            before = await connection.fetch(query.before, *taken)
            after = await connection.fetch(query.sql(optimised=True), *taken)
            assert [dict(row) for row in after] == [dict(row) for row in before], read.name
            seen += len(before)
    return seen


async def test_the_optimisation_does_not_change_what_pages_show(url: str, loaded: asyncpg.Connection) -> None:
    async def answers(optimised: bool) -> list[list[tuple[object, ...]]]:
        pick, found = Pick(keyspace(SCALE), Random(3)), []
        for read in READS:
            arguments = read.arguments(pick)
            for query in read.queries:
                if "now()" not in query.before and not query.from_view:
                    rows = await loaded.fetch(query.sql(optimised=optimised), *(arguments[n] for n in query.uses))
                    found.append([tuple(row) for row in rows])
        return found

    before = await answers(optimised=False)
    optimise(url)
    assert await answers(optimised=True) == before


async def test_what_is_recorded_is_in_the_table(
    open_session: OpenSession, url: str, loaded: asyncpg.Connection
) -> None:
    recording = {
        "log_activity": "activity_logs",
        "record_metrics": "metrics",
        "record_health": "health_metrics",
        "record_decision": "agent_decisions",
    }
    for optimised in (False, True):
        for operation in (one for one in operations({"scale": SCALE}) if one.name in recording):
            count = f"select count(*) from {recording[operation.name]}"
            before = await loaded.fetchval(count)
            for seed in range(8):
                await operation.run(open_session(loaded, optimised=optimised), Random(seed))
            assert await loaded.fetchval(count) > before, operation.name
        optimise(url)


async def test_cached_reads_ask_only_for_the_stated_keys(open_session: OpenSession, loaded: asyncpg.Connection) -> None:
    session, random = open_session(loaded, optimised=False), Random(2)
    cached = [one for one in operations({"scale": SCALE}) if one.kind == "read" and one.weight >= 4][:4]
    for operation in cached:
        for _ in range(60):
            await operation.run(session, random)
    assert len(session.asked) == 240
    assert len(set(session.asked)) <= keyspace(SCALE).cacheable_keys


async def test_a_rename_is_seen_and_its_pages_are_forgotten(
    open_session: OpenSession, loaded: asyncpg.Connection
) -> None:
    session = open_session(loaded, optimised=False)
    operation = next(one for one in operations({"scale": SCALE}) if one.name == "rename_dashboard")
    await operation.run(session, Random(5))
    page, dashboards = session.forgotten
    kind, _, dashboard = page.partition(":")
    owner = await loaded.fetchval(
        "select owner_id from dashboards where id = $1 and updated_at > now() - interval '1 min'", dashboard
    )
    assert kind == "dashboard"
    assert dashboards == f"user_dashboards:{owner}"


async def test_archiving_twice_restores_the_dashboard(open_session: OpenSession, loaded: asyncpg.Connection) -> None:
    operation = next(one for one in operations({"scale": SCALE}) if one.name == "archive_dashboard")
    count = "select count(*) from dashboards where deleted_at is null"
    before = await loaded.fetchval(count)
    await operation.run(open_session(loaded, optimised=False), Random(5))
    assert await loaded.fetchval(count) != before
    await operation.run(open_session(loaded, optimised=False), Random(5))
    assert await loaded.fetchval(count) == before
