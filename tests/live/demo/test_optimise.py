"""The optimisation as a whole: repeatable, by psql alone too, on a database made by hand."""

import asyncpg
import pytest

from candlefish import process
from candlefish.demo.optimise import SINGLE_FILE, connection_environment, optimise
from candlefish.demo.scripts import read_script, script_path
from candlefish.errors import EngineError

SHAPE = """
select relname, relkind, pg_get_indexdef(c.oid) as definition from pg_class c
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'i', 'I', 'm', 'v') order by 1
"""


async def shape_of(connection: asyncpg.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.fetch(SHAPE)]


async def test_a_second_run_changes_nothing(shared_url: str) -> None:
    connection = await asyncpg.connect(shared_url)
    before = await shape_of(connection)
    rows = await connection.fetchval("select count(*) from activity_logs")
    optimise(shared_url)
    assert await shape_of(connection) == before
    assert await connection.fetchval("select count(*) from activity_logs") == rows
    await connection.close()


async def test_the_steps_are_told_in_their_order(url: str, loaded: asyncpg.Connection) -> None:
    told: list[str] = []
    summary = optimise(url, progress=told.append)
    assert told == [step.name for step in summary.steps]
    kinds = [name.split(":")[0] for name in told]
    assert list(dict.fromkeys(kinds)) == ["indexes", "partitions", "views", "functions", "usage", "finish"]


async def test_psql_alone_runs_the_single_file_twice_on_a_database_made_by_hand(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(read_script("schema.sql"))
    await connection.execute(
        """insert into organizations (id, name, slug, plan, status)
           values (gen_random_uuid(), 'By hand', 'by-hand', 'free', 'active')"""
    )
    shapes = []
    for _ in range(2):
        done = process.run(
            [process.find_binary("psql"), "-X", "-f", script_path(SINGLE_FILE)],
            env=connection_environment(url),
            timeout_s=120,
        )
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        shapes.append(await shape_of(connection))
    assert shapes[0] == shapes[1]
    assert await connection.fetchval("select name from dashboard_stats") == "By hand"
    await connection.close()


async def test_without_pg_cron_it_says_so_and_goes_on(shared_url: str) -> None:
    # pg_cron lives in one database of a server, and a test's is another
    summary = optimise(shared_url)
    assert any(warning.startswith("pg_cron is not to be had here") for warning in summary.warnings)
    assert summary.steps[-1].name == "finish"


async def test_a_statement_that_fails_is_named_with_psqls_words(url: str) -> None:
    with pytest.raises(EngineError, match="stopped at a statement") as caught:
        optimise(url, parts=["indexes"])
    assert 'relation "users" does not exist' in caught.value.detail


async def test_two_runs_at_once_are_refused(shared_url: str, shared: asyncpg.Connection) -> None:
    await shared.execute("select pg_advisory_xact_lock(hashtext('candlefish optimisation'))")
    with pytest.raises(EngineError) as caught:
        optimise(shared_url)
    assert "by somebody else" in caught.value.detail


async def test_the_views_are_refreshed_by_a_second_run(shared_url: str) -> None:
    connection = await asyncpg.connect(shared_url)
    before = await connection.fetchval("select max(refreshed_at) from dashboard_stats")
    optimise(shared_url, parts=["views"])
    stats = await connection.fetchval("select min(refreshed_at) from dashboard_stats")
    summary = await connection.fetchval("select min(refreshed_at) from user_activity_summary")
    assert min(stats, summary) > before
    await connection.close()


async def test_a_service_asked_for_twice_comes_once(shared: asyncpg.Connection) -> None:
    found = await shared.fetch(
        "select service_id from get_service_health_batch((select array[id, id] from services limit 1))"
    )
    assert len(found) == 1


async def test_the_dashboards_page_is_cut_off_where_it_is_asked_to_be(shared: asyncpg.Connection) -> None:
    owner = await shared.fetchval(
        "select owner_id from dashboards where deleted_at is null group by 1 order by count(*) desc limit 1"
    )
    everything = await shared.fetch("select * from get_user_dashboards($1)", owner)
    first = await shared.fetch("select * from get_user_dashboards($1, 2)", owner)
    assert first == everything[:2]
    assert len(everything) > 2
