"""What an index costs those who write, measured on a small table of the same make.

The table is made in a transaction that is rolled back, filled with rows of the real one, and written to with and
without the index, in turns. Its pages are new since the last checkpoint, so WAL holds no full-page images: what is
counted is the same from run to run.
"""

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
from psycopg import sql

from candlefish.advise.advice import WritePrice
from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.definition import Index
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table, Writes

ROWS: Final = 20_000
"""Rows that the small table begins with: 200 pages and more, so that entries spread over many leaves."""

INSERTED, UPDATED = 4000, 2000
"""Rows that each measured statement writes."""

FILLFACTOR: Final = 85
"""Room for new versions beside the old ones, as vacuum leaves it in a table that is updated; a table's own, if less."""

TURNS: Final = 3

MOST_COLUMNS: Final = 3
"""Updated columns that are measured, the most updated first."""

_SCRATCH: Final = Table("candlefish_price", "rows")


@dataclass(frozen=True, slots=True)
class _Cost:
    """One statement: per row WAL in bytes and milliseconds, and the share of HOT updates."""

    wal_bytes: float
    ms: float
    hot_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class _Costs:
    insert: _Cost
    updates: Mapping[str, _Cost]


def measure_price(
    connection: Connection, index: Index, facts: TableFacts, writes: Writes | None, built: Iterable[str] = ()
) -> WritePrice | None:
    """Return what an index costs for each insert and update, and in an hour; None where the table has no rows.

    `built` are candidates that stand in the lab, as SQL calls them: what the table has without them is measured.
    psycopg's error where the index can't be built on rows of the table.
    """
    writes = writes or Writes()
    columns = sorted(writes.updated, key=lambda name: -writes.updated[name])[:MOST_COLUMNS]
    columns = [name for name in columns if name in facts.columns]
    without, with_it = [], []
    for _ in range(TURNS):
        with connection.transaction(force_rollback=True):
            for name in built:
                connection.execute(f"DROP INDEX {name}".encode())
            without.append(_measure(connection, None, facts, columns))
            with_it.append(_measure(connection, index, facts, columns))
    before, after = _median([one for one in without if one]), _median([one for one in with_it if one])
    return None if before is None or after is None else _price(before, after, writes)


def _price(before: _Costs, after: _Costs, writes: Writes) -> WritePrice:
    updates = sum(writes.updated.get(name, 0.0) for name in before.updates)

    def weighed(costs: _Costs, what: str) -> float:
        if not updates:
            return 0.0
        total = sum(float(getattr(costs.updates[name], what)) * writes.updated[name] for name in costs.updates)
        return total / updates

    ms = writes.inserts_per_hour * max(after.insert.ms - before.insert.ms, 0.0)
    ms += updates * max(weighed(after, "ms") - weighed(before, "ms"), 0.0)
    wal = writes.inserts_per_hour * (after.insert.wal_bytes - before.insert.wal_bytes)
    wal += updates * (weighed(after, "wal_bytes") - weighed(before, "wal_bytes"))
    return WritePrice(
        wal_bytes_per_insert=after.insert.wal_bytes - before.insert.wal_bytes,
        wal_factor_insert=after.insert.wal_bytes / max(before.insert.wal_bytes, 1.0),
        wal_factor_update=weighed(after, "wal_bytes") / max(weighed(before, "wal_bytes"), 1.0) if updates else 1.0,
        hot_ratio_before=weighed(before, "hot_ratio") if updates else None,
        hot_ratio_after=weighed(after, "hot_ratio") if updates else None,
        ms_per_hour=ms,
        wal_bytes_per_hour=wal,
        measured=True,
    )


def _measure(connection: Connection, index: Index | None, facts: TableFacts, columns: list[str]) -> _Costs | None:
    scratch = sql.Identifier(_SCRATCH.schema, _SCRATCH.name)
    original = sql.Identifier(facts.table.schema, facts.table.name)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in _stored(connection, facts))
    with connection.transaction(force_rollback=True):
        _make_table(connection, facts)
        if index is not None:
            connection.execute(replace(index, table=_SCRATCH).render("candlefish_price_index").encode())
        part = min(100.0, 100.0 * 3 * (ROWS + INSERTED) / max(facts.rows, 1.0))
        connection.execute(
            sql.SQL("CREATE TEMP TABLE candlefish_rows AS SELECT {} FROM {} TABLESAMPLE SYSTEM ({}) LIMIT {}").format(
                names, original, part, ROWS + INSERTED
            )
        )
        count = connection.execute("SELECT count(*) FROM candlefish_rows").fetchone()
        if count is None or count[0] < 2:
            return None
        inserted = min(INSERTED, count[0] // 2)
        into = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM candlefish_rows ").format(
            scratch, names, names
        )
        connection.execute(into + sql.SQL("OFFSET {}").format(inserted))
        insert = _cost(connection, into + sql.SQL("LIMIT {}").format(inserted))
        return _Costs(insert, {name: _update(connection, name, count[0] - inserted) for name in columns})


def _make_table(connection: Connection, facts: TableFacts) -> None:
    """Make an empty table like another, indexes included: a permanent one, since temporary ones write no WAL."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS candlefish_price")
    fillfactor = min(FILLFACTOR, facts.fillfactor)
    connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING STATISTICS) WITH (fillfactor = {})").format(
            sql.Identifier(_SCRATCH.schema, _SCRATCH.name),
            sql.Identifier(facts.table.schema, facts.table.name),
            fillfactor,
        )
    )


def _stored(connection: Connection, facts: TableFacts) -> list[str]:
    generated = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attgenerated <> ''",
        (sql.Identifier(facts.table.schema, facts.table.name).as_string(None),),
    ).fetchall()
    return [name for name in facts.columns if (name,) not in generated]


def _update(connection: Connection, column: str, rows: int) -> _Cost:
    """Give rows the value of another row in one column; a unique column's can't be, and costs what an insert does."""
    name, scratch = sql.Identifier(column), sql.Identifier(_SCRATCH.schema, _SCRATCH.name)
    every = max(rows // UPDATED, 1)
    command = sql.SQL(
        "UPDATE {} AS t SET {} = o.value FROM (SELECT ctid AS place, {} AS own, lag({}, 7) OVER () AS value,"
        " row_number() OVER () AS number FROM {}) AS o"
        " WHERE t.ctid = o.place AND o.number % {} = 0 AND o.value IS DISTINCT FROM o.own"
    ).format(scratch, name, name, name, scratch, every)
    try:
        with connection.transaction():
            return _cost(connection, command)
    except psycopg.errors.IntegrityError:
        return _Cost(0.0, 0.0)


def _cost(connection: Connection, command: sql.Composable) -> _Cost:
    hot = _updates(connection)
    row = connection.execute(sql.SQL("EXPLAIN (ANALYZE, WAL, TIMING OFF, FORMAT JSON) ") + command).fetchone()
    assert row is not None
    report: dict[str, Any] = (row[0] if isinstance(row[0], list) else json.loads(row[0]))[0]
    after = _updates(connection)
    rows = _written(report["Plan"])
    updated = after[0] - hot[0]
    return _Cost(
        wal_bytes=float(report["Plan"].get("WAL Bytes", 0)) / rows,
        ms=float(report["Execution Time"]) / rows,
        hot_ratio=(after[1] - hot[1]) / updated if updated else 0.0,
    )


def _written(plan: Mapping[str, Any]) -> float:
    """Return how many rows the node below ModifyTable handed up."""
    return max(float(plan["Plans"][0].get("Actual Rows", 0)), 1.0)


def _updates(connection: Connection) -> tuple[int, int]:
    row = connection.execute(
        "SELECT pg_stat_get_xact_tuples_updated(c), pg_stat_get_xact_tuples_hot_updated(c) FROM to_regclass(%s) AS c",
        (f"{_SCRATCH.schema}.{_SCRATCH.name}",),
    ).fetchone()
    return (int(row[0]), int(row[1])) if row is not None else (0, 0)


def _median(costs: list[_Costs]) -> _Costs | None:
    if not costs:
        return None

    def middle(found: list[_Cost]) -> _Cost:
        return _Cost(
            statistics.median(one.wal_bytes for one in found),
            statistics.median(one.ms for one in found),
            statistics.median(one.hot_ratio for one in found),
        )

    return _Costs(
        middle([one.insert for one in costs]),
        {name: middle([one.updates[name] for one in costs]) for name in costs[0].updates},
    )
