"""The settings of a server that decide about plans: the lab gets the same."""

from typing import Final

from candlefish.advise.plans.explain import Connection

_PLANNING: Final = (
    "seq_page_cost", "random_page_cost", "cpu_tuple_cost", "cpu_index_tuple_cost", "cpu_operator_cost",
    "parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size", "min_parallel_index_scan_size",
    "effective_cache_size", "work_mem", "hash_mem_multiplier", "max_parallel_workers_per_gather",
    "effective_io_concurrency", "default_statistics_target", "from_collapse_limit", "join_collapse_limit", "geqo",
    "geqo_threshold", "jit", "jit_above_cost", "jit_inline_above_cost", "jit_optimize_above_cost",
    "enable_partitionwise_join", "enable_partitionwise_aggregate", "constraint_exclusion", "TimeZone", "DateStyle",
    "IntervalStyle", "default_text_search_config",
)  # fmt: skip


def read_settings(connection: Connection) -> dict[str, str]:
    """Return the settings of a server that the lab takes over, as postgresql.conf writes them."""
    rows = connection.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)", (list(_PLANNING),)
    ).fetchall()
    return {str(name): str(value) for name, value in rows}


def read_collate(connection: Connection) -> str:
    """Return the locale that the database sorts by."""
    row = connection.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return str(row[0])
