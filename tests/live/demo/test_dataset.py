import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from candlefish.demo.dataset import load
from candlefish.demo.keys import ROWS_AT_SCALE_1, email, key, rows
from candlefish.demo.optimise import optimise
from candlefish.errors import EngineError, UsageError

SCALE = 0.01
ANCHOR = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


async def checksums(connection: asyncpg.Connection) -> dict[str, object]:
    return {
        table: await connection.fetchval(f"select sum(hashtextextended(t::text, 0)) from {table} t")
        for table in ROWS_AT_SCALE_1
    }


async def test_the_same_seed_and_scale_give_the_same_rows_and_another_seed_others(
    url: str, loaded: asyncpg.Connection
) -> None:
    sums = []
    for seed in (3, 3, 4):
        await load(url, scale=SCALE, seed=seed, anchor=ANCHOR, replace=True)
        sums.append(await checksums(loaded))
    assert sums[0] == sums[1]
    assert all(sums[0][table] != sums[2][table] for table in ROWS_AT_SCALE_1)


async def test_the_summary_counts_what_is_in_the_tables(url: str) -> None:
    told: list[str] = []
    summary = await load(url, scale=SCALE, progress=told.append)
    connection = await asyncpg.connect(url)
    for table, count in summary.rows.items():
        assert await connection.fetchval(f"select count(*) from {table}") == count
        if table != "dashboard_shares":
            assert count == rows(table, SCALE)
    await connection.close()
    assert summary.total_rows == sum(summary.rows.values())
    assert len(told) == len(ROWS_AT_SCALE_1)


async def test_a_client_finds_the_rows_under_the_keys_that_it_computes(loaded: asyncpg.Connection) -> None:
    for table in ROWS_AT_SCALE_1:
        numbers = (1,) if table == "dashboard_shares" else (1, rows(table, SCALE))
        found = await loaded.fetchval(
            f"select count(*) from {table} where id = any($1)", [key(table, number) for number in numbers]
        )
        assert found == len(numbers), table
    assert await loaded.fetchval("select id from users where email = $1", email(17)) == key("users", 17)


async def test_the_newest_row_of_each_series_is_as_old_as_the_load(loaded: asyncpg.Connection) -> None:
    for table, column in (
        ("metrics", "recorded_at"),
        ("activity_logs", "created_at"),
        ("health_metrics", "checked_at"),
    ):
        newest = await loaded.fetchval(f"select max({column}) from {table}")
        assert timedelta(0) <= datetime.now(UTC) - newest < timedelta(minutes=5)


async def test_series_lie_on_disk_in_the_order_of_their_time(loaded: asyncpg.Connection) -> None:
    correlations = await loaded.fetch(
        """select tablename, correlation from pg_stats
           where (tablename, attname) in (('metrics', 'recorded_at'), ('activity_logs', 'created_at'),
                                          ('health_metrics', 'checked_at'), ('agent_decisions', 'created_at'))"""
    )
    assert len(correlations) == 4
    assert all(row["correlation"] > 0.999 for row in correlations)


async def test_a_few_organizations_have_most_of_the_people(loaded: asyncpg.Connection) -> None:
    sizes = [
        row["n"] for row in await loaded.fetch("select count(*) n from users group by organization_id order by 1 desc")
    ]
    assert sum(sizes[: len(sizes) // 5]) > sum(sizes) / 2


async def test_most_rows_are_in_the_usual_state(loaded: asyncpg.Connection) -> None:
    healthy = await loaded.fetchval("select avg((status = 'healthy')::int) from health_metrics")
    deleted = await loaded.fetchval("select avg((deleted_at is not null)::int) from widgets")
    pending = await loaded.fetchval("select avg((status = 'pending')::int) from agent_decisions")
    assert 0.95 < healthy < 1
    assert 0 < deleted < 0.1
    assert 0 < pending < 0.1


async def test_references_point_at_rows_that_exist(loaded: asyncpg.Connection) -> None:
    for table, column, target in (
        ("users", "organization_id", "organizations"),
        ("dashboards", "owner_id", "users"),
        ("widgets", "dashboard_id", "dashboards"),
        ("widgets", "data_source_id", "data_sources"),
        ("dashboard_shares", "user_id", "users"),
        ("health_metrics", "service_id", "services"),
        ("metrics", "service_id", "services"),
        ("activity_logs", "entity_id", "dashboards"),
        ("agent_decisions", "agent_id", "agents"),
        ("maintenance_log", "service_id", "services"),
    ):
        lost = await loaded.fetchval(
            f"select count(*) from {table} t where not exists (select from {target} r where r.id = t.{column})"
        )
        assert lost == 0, (table, column)


async def test_dashboards_are_shared_within_the_organization_and_once_with_each(loaded: asyncpg.Connection) -> None:
    strangers = await loaded.fetchval(
        """select count(*) from dashboard_shares s join users u on u.id = s.user_id
           join dashboards d on d.id = s.dashboard_id where u.organization_id <> d.organization_id"""
    )
    twice = await loaded.fetch("select 1 from dashboard_shares group by dashboard_id, user_id having count(*) > 1")
    assert strangers == 0
    assert not twice


async def test_tables_that_are_there_are_not_overwritten_unasked(url: str, loaded: asyncpg.Connection) -> None:
    before = await checksums(loaded)
    with pytest.raises(UsageError, match="already in the database"):
        await load(url, scale=SCALE)
    assert await checksums(loaded) == before


async def test_a_table_that_cannot_be_filled_is_named(url: str, loaded: asyncpg.Connection) -> None:
    loading = asyncio.create_task(load(url, scale=0.5, replace=True))
    await end_the_filling_of("metrics", loaded)
    with pytest.raises(EngineError, match="could not fill the table metrics"):
        await loading


async def end_the_filling_of(table: str, connection: asyncpg.Connection) -> None:
    end = "select pg_terminate_backend(pid) from pg_stat_activity where query like $1 and datname = current_database()"
    async with asyncio.timeout(30):
        while not await connection.fetch(end, f"insert into {table}%"):  # noqa: ASYNC110 (the condition is the server's)
            await asyncio.sleep(0.002)


async def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(EngineError, match="could not load the reference application"):
        await load("postgresql://nobody@127.0.0.1:1/nothing", scale=SCALE)


async def test_it_starts_with_primary_keys_only(loaded: asyncpg.Connection) -> None:
    kinds = await loaded.fetch("select distinct indisprimary from pg_index i join pg_class c on c.oid = i.indrelid "
                               "where c.relnamespace = 'public'::regnamespace")  # fmt: skip
    assert [row["indisprimary"] for row in kinds] == [True]


async def test_an_optimised_application_is_replaced_whole(url: str, optimised: asyncpg.Connection) -> None:
    await load(url, scale=SCALE, replace=True)
    assert await optimised.fetchval("select relkind from pg_class where relname = 'metrics'") == b"r"
    assert await optimised.fetchval("select count(*) from partman.part_config") == 0
    optimise(url)
    assert await optimised.fetchval("select relkind from pg_class where relname = 'metrics'") == b"p"
