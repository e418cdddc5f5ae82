"""activity_logs by month and metrics by week: converted while they are written to, kept up by pg_partman."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import asyncpg

from candlefish.demo.dataset import load
from candlefish.demo.keys import key, rows
from candlefish.demo.optimise import optimise

WRITERS = 4

BOUNDS = """
select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = $1::text::regclass order by 1
"""

TWIN_EXISTS = "select to_regclass('metrics_twin') is not null"

END_PSQL = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'psql' and datname = current_database()
"""


@dataclass
class Ledger:
    """What the writers were told is done: the rows that have to be there, with their values, and those that may not."""

    inserted: dict[UUID, float] = field(default_factory=dict)
    changed: dict[UUID, float] = field(default_factory=dict)
    moved: set[UUID] = field(default_factory=set)
    deleted: set[UUID] = field(default_factory=set)


async def write_until(done: asyncio.Event, url: str, number: int, ledger: Ledger) -> None:
    """Insert, change, move to another week and delete rows of metrics; any error ends the test."""
    connection, random = await asyncpg.connect(url), Random(number)
    own = range(
        number + 1, rows("metrics", 0.05), WRITERS
    )  # writers keep off each other's rows: the last value is known
    while not done.is_set():
        new, value = uuid4(), random.random()
        await connection.execute(
            "insert into metrics (id, service_id, name, value) values ($1, $2, 'cpu', $3)",
            new,
            key("services", 1),
            value,
        )
        ledger.inserted[new] = value
        old = key("metrics", random.choice(own))
        if old in ledger.deleted:
            continue
        match random.randrange(4):
            case 0:
                await connection.execute("delete from metrics where id = $1", old)
                ledger.deleted.add(old)
                ledger.changed.pop(old, None)
            case 1:
                await connection.execute(
                    "update metrics set recorded_at = recorded_at - interval '9 days', value = $2 where id = $1",
                    old,
                    value,
                )
                ledger.changed[old] = value
                ledger.moved.add(old)
            case _:
                await connection.execute("update metrics set value = $2 where id = $1", old, value)
                ledger.changed[old] = value
    await connection.close()


async def while_writing(url: str, ledger: Ledger, act: Callable[[], Awaitable[object]]) -> None:
    """Do something while the writers write, and let them go on for a moment afterwards."""
    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            group.create_task(write_until(done, url, number, ledger))
        try:
            await act()
            written = len(ledger.inserted)
            while len(ledger.inserted) < written + 40:  # noqa: ASYNC110 (four writers count, nobody signals)
                await asyncio.sleep(0.01)
        finally:
            done.set()


async def check_ledger(connection: asyncpg.Connection, ledger: Ledger, loaded: int) -> None:
    values = {row["id"]: row["value"] for row in await connection.fetch("select id, value from metrics")}
    assert await connection.fetchval("select count(*) from metrics") == len(values), "a row is there twice"
    assert len(values) == loaded + len(ledger.inserted) - len(ledger.deleted)
    assert not ledger.deleted & values.keys()
    assert {one: values.get(one) for one in ledger.inserted} == ledger.inserted
    assert {one: values.get(one) for one in ledger.changed} == ledger.changed


async def test_no_write_fails_or_is_lost_while_the_table_is_converted(url: str) -> None:
    summary, ledger = await load(url, scale=0.05), Ledger()
    await while_writing(url, ledger, lambda: asyncio.to_thread(optimise, url))
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select relkind from pg_class where relname = 'metrics'") == b"p"
    assert len(ledger.inserted) > 100
    assert ledger.moved
    assert ledger.deleted
    await check_ledger(connection, ledger, summary.rows["metrics"])
    await connection.close()


async def test_a_conversion_that_was_cut_off_is_done_again_whole(url: str) -> None:
    summary, ledger = await load(url, scale=0.05), Ledger()

    async def cut_off_then_run() -> None:
        killer = await asyncpg.connect(url)
        running = asyncio.create_task(asyncio.to_thread(optimise, url, parts=["partitions"]))
        while not await killer.fetchval(TWIN_EXISTS):  # noqa: ASYNC110 (the condition lies in the server)
            await asyncio.sleep(0.001)
        await killer.execute(END_PSQL)
        await killer.close()
        (result,) = await asyncio.gather(running, return_exceptions=True)
        assert "the optimisation stopped" in str(result)
        await asyncio.to_thread(optimise, url)

    await while_writing(url, ledger, cut_off_then_run)
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select relkind from pg_class where relname = 'metrics'") == b"p"
    leftovers = await connection.fetch("select relname from pg_class where relname ~ '_(twin|former|noted|aside)'")
    assert not leftovers
    await check_ledger(connection, ledger, summary.rows["metrics"])
    await connection.close()


async def test_every_row_lies_in_the_partition_of_its_time(shared: asyncpg.Connection) -> None:
    for table, column, unit in (("activity_logs", "created_at", "month"), ("metrics", "recorded_at", "week")):
        spread = await shared.fetch(
            f"select tableoid, count(distinct date_trunc('{unit}', {column})) as periods from {table} group by 1"
        )
        assert len(spread) > 10
        assert all(row["periods"] == 1 for row in spread)
        assert await shared.fetchval(f"select count(*) from only {table}_default") == 0


async def test_rows_far_from_now_are_kept_in_the_default_partition(url: str, loaded: asyncpg.Connection) -> None:
    await loaded.execute("update metrics set recorded_at = '1999-01-01' where id = $1", key("metrics", 1))
    await loaded.execute("update metrics set recorded_at = '2999-01-01' where id = $1", key("metrics", 2))
    optimise(url)
    kept = await loaded.fetch("select id from metrics_default order by recorded_at")
    assert [row["id"] for row in kept] == [key("metrics", 1), key("metrics", 2)]
    bounds = await loaded.fetch(BOUNDS, "metrics")
    assert len(bounds) < 300


async def test_partitions_reach_into_the_future(shared: asyncpg.Connection) -> None:
    for table, unit in (("activity_logs", "month"), ("metrics", "week")):
        ahead = await shared.fetch(BOUNDS, table)
        later = await shared.fetchval(f"select (date_trunc('{unit}', now()) + 3 * interval '1 {unit}')::date::text")
        assert any(f"FROM ('{later}" in row["bounds"] for row in ahead)


async def test_maintenance_makes_partitions_ahead_and_detaches_old_ones(optimised: asyncpg.Connection) -> None:
    before = [row["name"] for row in await optimised.fetch(BOUNDS, "metrics")]
    await optimised.execute(
        "update partman.part_config set premake = 6, retention = '5 weeks' where parent_table = 'public.metrics'"
    )
    await optimised.execute("call partman.run_maintenance_proc()")
    after = [row["name"] for row in await optimised.fetch(BOUNDS, "metrics")]
    made, detached = set(after) - set(before), set(before) - set(after)
    assert len(made) >= 2
    assert min(made) > max(name for name in before if name != "metrics_default")
    assert len(detached) >= 5
    for name in detached:
        assert await optimised.fetchval("select relkind from pg_class where relname = $1", name) == b"r"


async def test_a_table_that_a_view_reads_stays_whole_and_is_named(url: str, loaded: asyncpg.Connection) -> None:
    await loaded.execute("create view hot as select * from metrics where value > 99")
    summary = optimise(url, parts=["partitions"])
    assert any("metrics stays one table: the view hot reads it" in warning for warning in summary.warnings)
    assert await loaded.fetchval("select relkind from pg_class where relname = 'metrics'") == b"r"
    assert await loaded.fetchval("select relkind from pg_class where relname = 'activity_logs'") == b"p"


async def test_owner_and_privileges_go_over_to_the_partitioned_table(url: str, loaded: asyncpg.Connection) -> None:
    role = f"reader_{uuid4().hex[:8]}"
    await loaded.execute(f"create role {role}")
    try:
        await loaded.execute(f"grant select, insert on metrics to {role}; grant select on dashboards, users to {role}")
        optimise(url)
        rights = await loaded.fetchrow(
            """select has_table_privilege($1, 'metrics', 'insert') as inserts,
                      has_table_privilege($1, 'metrics', 'delete') as deletes,
                      has_table_privilege($1, 'dashboard_stats', 'select') as reads_stats""",
            role,
        )
        assert rights is not None
        assert dict(rights) == {"inserts": True, "deletes": False, "reads_stats": True}
    finally:
        await loaded.execute(f"drop owned by {role}; drop role {role}")
