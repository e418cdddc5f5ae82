"""What is written to each table: rates from the server's counts, updated columns from the statements themselves."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.explain import Connection
from candlefish.advise.plans.tokens import unquote
from candlefish.advise.statements import Statement, Table, Workload, Writes
from candlefish.advise.workload.split import pieces

_RATES: Final = """
SELECT relid::bigint, n_tup_ins::float8, n_tup_upd::float8, n_tup_del::float8, n_tup_hot_upd::float8
FROM pg_stat_user_tables
"""

_HOURS: Final = """
SELECT greatest(extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))::float8 / 3600, 0.0)
FROM pg_stat_database WHERE datname = current_database()
"""

LEAST_HOURS: Final = 1.0
"""Counts that are younger are taken as those of an hour: a bulk load of a minute ago is no rate."""


def load_writes(connection: Connection, catalog: Catalog, workload: Workload) -> dict[Table, Writes]:
    """Return what an hour writes to each table, that of partitions added to their partitioned tables."""
    row = connection.execute(_HOURS).fetchone()
    hours = max(float(row[0]) if row is not None else 0.0, LEAST_HOURS)
    writes: dict[Table, Writes] = {}
    for oid, inserted, updated, deleted, hot in connection.execute(_RATES).fetchall():
        table = catalog.by_oid.get(oid)
        if table is not None:
            ratio = hot / updated if updated else None
            writes[table] = Writes(inserted / hours, updated / hours, deleted / hours, ratio)
    return with_updated(_with_roots(writes, catalog), workload.statements, catalog)


def written_by(workload: Workload, catalog: Catalog) -> dict[Table, Writes]:
    """Return what the statements of a workload themselves write in an hour: a file has no counts."""
    writes: dict[Table, Writes] = {}
    for statement in workload.statements:
        table = target_of(statement, catalog)
        if table is None:
            continue
        old, calls = writes.get(table, Writes()), statement.calls_per_hour
        if statement.kind == "insert":
            writes[table] = replace(old, inserts_per_hour=old.inserts_per_hour + calls)
        elif statement.kind == "delete":
            writes[table] = replace(old, deletes_per_hour=old.deletes_per_hour + calls)
        elif statement.kind == "update":
            writes[table] = replace(old, updates_per_hour=old.updates_per_hour + calls)
    return with_updated(writes, workload.statements, catalog)


def with_updated(
    writes: Mapping[Table, Writes], statements: tuple[Statement, ...], catalog: Catalog
) -> dict[Table, Writes]:
    """Return the same with the updates an hour of each column, as the statements set them.

    Where the server counted more updates than the statements make, each column's share is scaled to what it counted.
    """
    found: dict[Table, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    made: dict[Table, float] = defaultdict(float)
    for statement in statements:
        table = target_of(statement, catalog) if statement.kind in ("update", "insert") else None
        if table is None:
            continue
        columns = [name for name in set_columns(statement.text) if name in catalog.tables[table].columns]
        rows = statement.calls_per_hour * max(statement.rows_per_call or 1.0, 0.0)
        if columns:
            made[table] += rows
        for name in columns:
            found[table][name] += rows
    known = dict(writes)
    for table, columns_found in found.items():
        old = known.get(table, Writes())
        scale = max(old.updates_per_hour / made[table], 1.0) if made[table] else 1.0
        known[table] = replace(old, updated={name: rate * scale for name, rate in columns_found.items()})
    return known


def target_of(statement: Statement, catalog: Catalog) -> Table | None:
    """Return the table that a statement writes to, as far as its text and the search path tell."""
    if statement.kind == "select":
        return None
    words = [found for kind, found in pieces(statement.text) if kind not in ("space", "comment")]
    lowered = [word.lower() for word in words]
    for verb, skip in (("insert", "into"), ("update", "only"), ("delete", "from"), ("merge", "into")):
        if verb == statement.kind and verb in lowered:
            at = lowered.index(verb) + 1
            while at < len(lowered) and lowered[at] in (skip, "only"):
                at += 1
            return _table(words[at : at + 3], statement, catalog)
    return None


def set_columns(text: str) -> Iterator[str]:
    """Give the columns that UPDATE ... SET or DO UPDATE SET names."""
    words = [(kind, found) for kind, found in pieces(text) if kind not in ("space", "comment")]
    depth, inside, expect = 0, False, False
    for at, (kind, found) in enumerate(words):
        depth += (found == "(") - (found == ")")
        lowered = found.lower()
        if lowered == "set" and kind == "word" and not depth:
            inside, expect = True, True
        elif inside and not depth and kind == "word" and lowered in ("from", "where", "returning"):
            inside = expect = False
        elif inside and not depth and found == ",":
            expect = True
        elif expect and kind in ("word", "quoted"):
            yield unquote(found) if kind == "quoted" else lowered
            expect = depth > 0 and at + 1 < len(words) and words[at + 1][1] == ","


def _table(words: list[str], statement: Statement, catalog: Catalog) -> Table | None:
    names = [unquote(word) if word.startswith('"') else word.lower() for word in words]
    if len(names) == 3 and names[1] == ".":
        table = Table(names[0], names[2])
        return table if table in catalog.tables else None
    path = [part.strip(' "') for part in statement.search_path.split(",")] if statement.search_path else []
    for schema in path or catalog.search_path:
        if names and Table(schema, names[0]) in catalog.tables:
            return Table(schema, names[0])
    return None


def _with_roots(writes: Mapping[Table, Writes], catalog: Catalog) -> dict[Table, Writes]:
    known = dict(writes)
    for table, own in writes.items():
        above = catalog.tables[table].parent
        while above is not None and above in catalog.tables:
            old = known.get(above, Writes())
            known[above] = replace(
                old,
                inserts_per_hour=old.inserts_per_hour + own.inserts_per_hour,
                updates_per_hour=old.updates_per_hour + own.updates_per_hour,
                deletes_per_hour=old.deletes_per_hour + own.deletes_per_hour,
                hot_ratio=own.hot_ratio if old.hot_ratio is None else old.hot_ratio,
            )
            above = catalog.tables[above].parent
    return known
