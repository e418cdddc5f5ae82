"""Read the catalog: what the role may not see is empty, never an error."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, LiteralString, TypeAlias, cast

from candlefish.advise.catalog import queries
from candlefish.advise.catalog.model import Catalog, Column, ForeignKey, TableFacts
from candlefish.advise.index.definition import ExistingIndex, Index, Key, Method
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table

_Row: TypeAlias = tuple[Any, ...]

_KINDS: Final = {"r": "table", "p": "partitioned table", "m": "materialized view", "f": "foreign table"}

_ACTIONS: Final = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

_DESCENDING, _NULLS_FIRST = 1, 2
"""Bits of pg_index.indoption."""


def load_catalog(connection: Connection) -> Catalog:
    """Return what the database consists of, statistics included as far as the role may see them."""
    name, version, size, is_c, path = _all(connection, queries.DATABASE)[0]
    extensions = _all(connection, queries.EXTENSIONS)
    tables = _tables(connection)
    by_oid = {facts.oid: table for table, facts in tables.items()}
    return Catalog(
        database=name,
        server_version=version,
        size_bytes=size,
        collation_is_c=is_c,
        tables=tables,
        foreign_keys=tuple(_foreign_keys(connection, by_oid)),
        extensions=frozenset(one for one, installed in extensions if installed),
        available_extensions=frozenset(one for one, _ in extensions),
        search_path=tuple(path),
        by_oid=by_oid,
    )


def _tables(connection: Connection) -> dict[Table, TableFacts]:
    rows = _all(connection, queries.TABLES)
    by_oid = {row[0]: Table(row[1], row[2]) for row in rows}
    columns = _columns(connection, by_oid)
    indexes = _indexes(connection, by_oid)
    keys = {oid: tuple(names) for oid, names in _all(connection, queries.PRIMARY_KEYS)}
    tables = {by_oid[row[0]]: _table(row, by_oid, columns, indexes, keys) for row in rows}
    return tables | _with_leaves_summed(tables)


def _table(
    row: _Row,
    by_oid: Mapping[int, Table],
    columns: Mapping[int, dict[str, Column]],
    indexes: Mapping[int, list[ExistingIndex]],
    keys: Mapping[int, tuple[str, ...]],
) -> TableFacts:
    oid, _, _, kind, rows, size, parent, secured, fillfactor, live, dead, analyzed, partition_numbers = row
    mine = columns.get(oid, {})
    by_number = {column.number: name for name, column in mine.items()}
    return TableFacts(
        table=by_oid[oid],
        oid=oid,
        kind=_KINDS[kind],
        rows=max(rows, 0.0),
        size_bytes=size,
        columns=mine,
        indexes=tuple(indexes.get(oid, ())),
        primary_key=keys.get(oid, ()),
        parent=by_oid.get(parent),
        partition_key=tuple(by_number.get(number, "") for number in partition_numbers or ()),
        row_security=secured,
        fillfactor=fillfactor or 100,
        live_rows=live,
        dead_rows=dead,
        last_analyzed=analyzed,
    )


def _with_leaves_summed(tables: Mapping[Table, TableFacts]) -> dict[Table, TableFacts]:
    """Return the partitioned tables with what their leaves hold, and a leaf's statistics where they have none."""
    sums: dict[Table, list[TableFacts]] = defaultdict(list)
    for facts in tables.values():
        top = facts.parent
        while top is not None and facts.kind != "partitioned table":
            sums[top].append(facts)
            top = tables[top].parent if top in tables else None
    return {table: _summed(tables[table], leaves) for table, leaves in sums.items()}


def _summed(root: TableFacts, leaves: Iterable[TableFacts]) -> TableFacts:
    leaves = list(leaves)
    largest = max(leaves, key=lambda one: one.rows)
    known = any(column.distinct for column in root.columns.values())
    return replace(
        root,
        rows=sum(one.rows for one in leaves),
        size_bytes=sum(one.size_bytes for one in leaves),
        live_rows=sum(one.live_rows for one in leaves),
        dead_rows=sum(one.dead_rows for one in leaves),
        columns=root.columns if known else {name: largest.columns.get(name, own) for name, own in root.columns.items()},
    )


def _columns(connection: Connection, by_oid: Mapping[int, Table]) -> dict[int, dict[str, Column]]:
    statistics: dict[tuple[str, str, str], _Row] = {}
    for row in _all(connection, queries.STATISTICS):
        if row[-1] or (row[0], row[1], row[2]) not in statistics:  # of a partitioned table: those with its leaves
            statistics[row[0], row[1], row[2]] = row[3:-1]
    rows_of = {oid: max(count, 0.0) for oid, _, _, _, count, *_ in _all(connection, queries.TABLES)}
    found: dict[int, dict[str, Column]] = defaultdict(dict)
    for oid, name, number, written, base, not_null, collation in _all(connection, queries.COLUMNS):
        table = by_oid[oid]
        column = Column(name, number, written, base, not_null, collation)
        known = statistics.get((table.schema, table.name, name))
        found[oid][name] = column if known is None else _with_statistics(column, known, rows_of[oid])
    return found


def _with_statistics(column: Column, known: _Row, rows: float) -> Column:
    distinct, nulls, width, correlation, values, frequencies, histogram = known
    return Column(
        name=column.name,
        number=column.number,
        type=column.type,
        base_type=column.base_type,
        not_null=column.not_null,
        collation=column.collation,
        distinct=distinct if distinct >= 0 else -distinct * rows,
        null_ratio=nulls,
        width_bytes=width,
        correlation=correlation,
        common=tuple(zip(values or (), frequencies or (), strict=False)),
        histogram=tuple(histogram or ()),
    )


def _indexes(connection: Connection, by_oid: Mapping[int, Table]) -> dict[int, list[ExistingIndex]]:
    found: dict[int, list[ExistingIndex]] = defaultdict(list)
    for row in _all(connection, queries.INDEXES):
        found[row[0]].append(_index(row, by_oid[row[0]]))
    return found


def _index(row: _Row, table: Table) -> ExistingIndex:
    _, name, schema, oid, method, unique, valid, needed, text, size, scans, constraint, parent, where, *rest = row
    count, options, texts, columns, classes, collations, flags = rest
    keys = tuple(
        Key(
            column=columns[at],
            expression="" if columns[at] else texts[at],
            opclass=classes[at],
            collation=collations[at],
            descending=bool(flags[at] & _DESCENDING),
            nulls_first=bool(flags[at] & _NULLS_FIRST),
        )
        for at in range(count)
    )
    index = Index(
        table=table,
        keys=tuple(_plain(key) for key in keys),
        method=cast(Method, method),
        include=tuple(columns[count:]),
        where=where,
        unique=unique,
        options=tuple((key, value) for key, _, value in (one.partition("=") for one in options or ())),
    )
    return ExistingIndex(name, schema, oid, index, text, size, scans, valid, constraint, parent, needed)


def _plain(key: Key) -> Key:
    """Return a key as candidates are written: the default place of nulls is None."""
    is_default = key.nulls_first == key.descending
    return replace(key, nulls_first=None if is_default else key.nulls_first)


def _foreign_keys(connection: Connection, by_oid: Mapping[int, Table]) -> Iterable[ForeignKey]:
    for name, oid, referenced, on_delete, on_update, columns, referenced_columns in _all(
        connection, queries.FOREIGN_KEYS
    ):
        if oid in by_oid and referenced in by_oid:
            yield ForeignKey(
                name=name,
                table=by_oid[oid],
                columns=tuple(columns),
                referenced=by_oid[referenced],
                referenced_columns=tuple(referenced_columns),
                on_delete=_ACTIONS[on_delete],
                on_update=_ACTIONS[on_update],
            )


def _all(connection: Connection, query: LiteralString) -> list[_Row]:
    return connection.execute(query).fetchall()
