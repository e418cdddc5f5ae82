"""The indexes of the optimisation: enough of them, of every kind, none twice, none for nothing."""

import re
from collections.abc import Awaitable, Callable

import asyncpg

from candlefish.demo.dataset import load
from candlefish.demo.operations import WEIGHTS
from candlefish.demo.optimise import optimise

DEFINITIONS = """
select c.relname as name, t.relname as table, obj_description(c.oid, 'pg_class') as purpose, i.indisvalid as valid,
       am.amname as method, pg_get_expr(i.indpred, i.indrelid) as predicate,
       array(select pg_get_indexdef(c.oid, n, true) from generate_series(1, i.indnkeyatts) n) as columns
from pg_index i
join pg_class c on c.oid = i.indexrelid and not c.relispartition
join pg_class t on t.oid = i.indrelid
join pg_am am on am.oid = c.relam
where c.relnamespace = 'public'::regnamespace and not i.indisprimary
order by 1
"""


async def test_there_are_thirty_and_more_of_five_kinds_each_with_an_operation_that_it_serves(
    shared: asyncpg.Connection,
) -> None:
    indexes = await shared.fetch(DEFINITIONS)
    assert len(indexes) >= 30
    assert all(index["valid"] for index in indexes)
    kinds = set()
    for index in indexes:
        kind, _, served = index["purpose"].partition("; serves ")
        kinds.add(kind)
        operations = set(re.findall(r"[a-z]+(?:_[a-z]+)+|login", served))
        assert operations, index["name"]
        assert operations <= set(WEIGHTS), index["name"]
    assert kinds >= {"foreign key", "composite", "BRIN", "GIN", "partial"}


async def test_none_duplicates_another(shared: asyncpg.Connection) -> None:
    indexes = await shared.fetch(DEFINITIONS)
    for one in indexes:
        for other in indexes:
            if one["name"] != other["name"] and all(one[key] == other[key] for key in ("table", "method", "predicate")):
                shorter = one["columns"]
                assert other["columns"][: len(shorter)] != shorter, f"{one['name']} is the beginning of {other['name']}"


async def test_each_is_used_by_the_workload(url: str, run_workload: Callable[..., Awaitable[None]]) -> None:
    scale = 0.2  # at a smaller one, reading a whole table is cheaper than any index
    await load(url, scale=scale)
    optimise(url)
    connection = await asyncpg.connect(url)
    await run_workload(connection, optimised=True, scale=scale, draws=20)
    await connection.execute("select pg_stat_force_next_flush()")
    unused = await connection.fetch(
        "select indexname from index_usage_stats where idx_scan = 0 and indexname !~ '_pkey$' order by 1"
    )
    await connection.close()
    one_page = {"dashboard_stats_organization_idx"}  # 40 organizations: the whole view is read as fast as its index
    assert {row["indexname"] for row in unused} <= one_page


async def test_indexes_alone_leave_the_tables_whole(url: str, loaded: asyncpg.Connection) -> None:
    optimise(url, parts=["indexes"])
    assert await loaded.fetchval("select relkind from pg_class where relname = 'metrics'") == b"r"
    indexes = await loaded.fetch(DEFINITIONS)
    assert len(indexes) >= 30
    optimise(url)
    assert await loaded.fetchval("select relkind from pg_class where relname = 'metrics'") == b"p"
    later = {index["name"]: index["columns"] for index in await loaded.fetch(DEFINITIONS)}
    assert {index["name"]: index["columns"] for index in indexes}.items() <= later.items()


async def test_what_an_interrupted_build_left_invalid_is_built_anew(url: str, loaded: asyncpg.Connection) -> None:
    await loaded.execute("create index users_email_idx on users (lower(email)) where deleted_at is null")
    await loaded.execute("update pg_index set indisvalid = false where indexrelid = 'users_email_idx'::regclass")
    optimise(url, parts=["indexes"])
    valid = await loaded.fetchval("select indisvalid from pg_index where indexrelid = 'users_email_idx'::regclass")
    assert valid is True


async def test_an_index_of_a_partitioned_table_is_made_leaf_by_leaf(shared_url: str) -> None:
    connection, names = (
        await asyncpg.connect(shared_url),
        ("metrics_service_name_recorded_idx", "activity_logs_created_brin"),
    )
    for name in names:
        await connection.execute(f"drop index {name}")
    optimise(shared_url, parts=["indexes"])
    for name in names:
        parent = await connection.fetchrow(
            "select indisvalid, indrelid from pg_index where indexrelid = $1::text::regclass", name
        )
        assert parent is not None
        leaves = await connection.fetchval("select count(*) from pg_inherits where inhparent = $1", parent["indrelid"])
        attached = await connection.fetchval(
            "select count(*) from pg_inherits where inhparent = $1::text::regclass", name
        )
        assert parent["indisvalid"]
        assert attached == leaves > 5
    await connection.close()


async def test_usage_is_named_in_four_categories(shared: asyncpg.Connection) -> None:
    categories = {"UNUSED", "RARELY USED", "OCCASIONALLY USED", "FREQUENTLY USED"}
    found = await shared.fetch("select indexname, usage_category, idx_scan from index_usage_stats")
    assert {row["usage_category"] for row in found} <= categories
    assert all((row["usage_category"] == "UNUSED") == (row["idx_scan"] == 0) for row in found)


async def test_usage_of_a_partitioned_index_adds_its_leaves_up(shared_url: str) -> None:
    connection = await asyncpg.connect(shared_url)
    usage = "select idx_scan from index_usage_stats where indexname = 'metrics_service_name_recorded_idx'"
    before = await connection.fetchval(usage)
    await connection.execute("set enable_seqscan = off")
    for _ in range(3):
        await connection.fetch("select from metrics where service_id = gen_random_uuid() and name = 'cpu'")
    await connection.execute("select pg_stat_force_next_flush()")
    leaves = await connection.fetchval("select count(*) from pg_inherits where inhparent = 'metrics'::regclass")
    assert await connection.fetchval(usage) == before + 3 * leaves
    await connection.close()
