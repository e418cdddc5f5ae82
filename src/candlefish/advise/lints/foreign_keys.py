"""Foreign keys without an index: deleting what they refer to reads their whole table, in a trigger no plan shows."""

import re
from collections.abc import Iterable
from typing import Final

from candlefish.advise.catalog.model import Catalog, ForeignKey, TableFacts
from candlefish.advise.index.definition import ExistingIndex, Index, Key
from candlefish.advise.lints.result import LintResult
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.quoting import quote
from candlefish.advise.statements import Statement, Table, Workload
from candlefish.results import Finding

FEW_ROWS: Final = 1_000
"""Rows up to which a table is left in peace: reading so many in order takes about 0.1 ms, what finding one by an index
takes with its overheads."""

FEW_ROWS_PER_KEY: Final = 100.0
"""An index on a part of the key is enough where so many rows share a value: they lie in a few pages."""

MANY_NULLS: Final = 0.5
"""Share of nulls from which on the index leaves them out: no check of a foreign key looks for one."""

_NOT_NULL: Final = re.compile(r'^\(*("(?:[^"]|"")+"|[^\W\d][\w$]*) IS NOT NULL\)*$')


def check_foreign_keys(catalog: Catalog, workload: Workload) -> LintResult:
    """Return the foreign keys that no index serves, with the index that would.

    Left in peace are tables of few rows, and the second key of a junction table whose primary key is made of its
    foreign keys while nothing is known to delete from the other side. Where the workload shows that nothing deletes or
    renumbers the rows referred to, there is a finding and no candidate.
    """
    touched = _touched(catalog, workload)
    findings, indexes, keys = [], [], []
    for foreign_key in catalog.foreign_keys:
        table = catalog.tables.get(foreign_key.table)
        if table is None or table.rows <= FEW_ROWS or any(serves(one, foreign_key, table) for one in table.indexes):
            continue
        is_touched = touched is None or foreign_key.referenced in touched
        is_known = touched is not None and is_touched
        if not is_known and _is_junction(table, foreign_key, catalog):
            continue
        index = index_for(foreign_key, table)
        findings.append(_finding(foreign_key, table, index, is_touched=is_touched))
        if is_touched:
            indexes.append(index)
            keys.append(foreign_key)
    return LintResult(tuple(findings), foreign_keys=tuple(indexes), unindexed=tuple(keys))


def serves(existing: ExistingIndex, foreign_key: ForeignKey, table: TableFacts) -> bool:
    """Tell whether an index finds the rows of a foreign key: its columns first, in any order, and every such row."""
    index, columns = existing.index, set(foreign_key.columns)
    if not existing.valid or (index.where and not _only_not_null(index.where, columns)):
        return False
    if index.method == "hash":
        return {index.keys[0].column} == columns
    if index.method == "gist":
        return len(columns) == 1 and {index.keys[0].column} == columns and not index.keys[0].opclass
    if index.method != "btree":
        return False
    leading = []
    for key in index.keys:
        if key.column not in columns or key.collation:
            break
        leading.append(key.column)
    return set(leading) == columns or _is_narrow_enough(leading, table)


def held_for(
    existing: ExistingIndex, others: Iterable[ExistingIndex], table: TableFacts, catalog: Catalog
) -> ForeignKey | None:
    """Return the foreign key that none of the others would serve, if there is one."""
    others = tuple(others)
    for foreign_key in catalog.foreign_keys:
        if foreign_key.table != table.table or not serves(existing, foreign_key, table):
            continue
        if not any(serves(one, foreign_key, table) for one in others):
            return foreign_key
    return None


def index_for(foreign_key: ForeignKey, table: TableFacts) -> Index:
    """Return the index that a foreign key lacks; without the nulls where there are many of them."""
    where = ""
    if len(foreign_key.columns) == 1 and foreign_key.columns[0] in table.columns:
        column = table.columns[foreign_key.columns[0]]
        where = f"{quote(column.name)} IS NOT NULL" if column.null_ratio >= MANY_NULLS else ""
    return Index(foreign_key.table, tuple(Key(name) for name in foreign_key.columns), where=where)


def _is_narrow_enough(leading: list[str], table: TableFacts) -> bool:
    distinct = max((table.columns[name].distinct for name in leading if name in table.columns), default=0.0)
    return distinct > 0 and table.rows / distinct <= FEW_ROWS_PER_KEY


def _only_not_null(where: str, columns: set[str]) -> bool:
    """Tell whether a predicate says of columns of the key that they are not null, and nothing else."""
    matches = [_NOT_NULL.match(part) for part in where.split(" AND ")]
    return all(match is not None and unquote(match[1]) in columns for match in matches)


def _is_junction(table: TableFacts, foreign_key: ForeignKey, catalog: Catalog) -> bool:
    """Tell whether a primary key is made of foreign keys alone, this one among them (supabase #22943)."""
    mine = {name for one in catalog.foreign_keys if one.table == table.table for name in one.columns}
    return set(foreign_key.columns) <= set(table.primary_key) <= mine


def _touched(catalog: Catalog, workload: Workload) -> set[Table] | None:
    """Return the tables that lose rows or change a key that others refer to; None where nothing is known of writes."""
    deletes = [one for one in workload.statements if one.kind in ("delete", "update", "merge")]
    if not workload.writes and not deletes:
        return None
    found = {table for table in catalog.tables if _is_written(table, catalog, workload, deletes)}
    waiting = list(found)
    while waiting:  # a cascade deletes without a statement
        table = waiting.pop()
        for one in catalog.foreign_keys:
            if one.referenced == table and "cascade" in (one.on_delete, one.on_update) and one.table not in found:
                found.add(one.table)
                waiting.append(one.table)
    return found


def _is_written(table: Table, catalog: Catalog, workload: Workload, deletes: Iterable[Statement]) -> bool:
    keys = {name for one in catalog.foreign_keys if one.referenced == table for name in one.referenced_columns}
    writes = workload.writes.get(table)
    if writes and (writes.deletes_per_hour > 0 or any(writes.updated.get(name, 0) > 0 for name in keys)):
        return True
    return any(one.kind != "update" and _target(one) == table.name for one in deletes)


def _target(statement: Statement) -> str:
    """Return the name of the table that a DELETE or MERGE writes to, without its schema."""
    tokens = [token for token in tokenize(statement.text) if token.kind != "space"]
    words = [token.text.lower() for token in tokens]
    for at, word in enumerate(words[:-2]):
        if (word, words[at + 1]) in (("delete", "from"), ("merge", "into")):
            rest = tokens[at + 2 :]
            rest = rest[1:] if rest[0].text.lower() == "only" else rest
            name = rest[2] if len(rest) > 2 and rest[1].kind == "dot" else rest[0]
            return unquote(name.text) if name.kind == "quoted" else name.text.lower()
    return ""


def _finding(foreign_key: ForeignKey, table: TableFacts, index: Index, *, is_touched: bool) -> Finding:
    columns = ", ".join(foreign_key.columns)
    subject = f"foreign key {foreign_key.name} of {foreign_key.table}"
    if not is_touched:
        said = f"no index on ({columns}), and nothing in this workload deletes from {foreign_key.referenced}"
        return Finding(subject, "info", said, f"before deletes begin: {index.render(concurrently=True)}")
    said = f"no index on ({columns}): each delete from {foreign_key.referenced} reads all {table.rows:,.0f} rows"
    return Finding(subject, "warning", said, index.render(concurrently=True))
