"""Indexes on columns that updates change: each such update writes every index of the table anew (it is not HOT)."""

from collections.abc import Iterator, Mapping
from typing import Final

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.index.price import named_columns
from candlefish.advise.lints.changes import leaves_of, subject
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.statements import Workload, Writes
from candlefish.results import Finding

LEAST_UPDATES_PER_HOUR: Final = 60.0
"""One a minute: below that the price of an update is nobody's concern."""

LEAST_SHARE: Final = 0.1
"""Of the table's updates that must set a column of the index."""

BRIN_IS_HOT: Final = 160000
"""From PostgreSQL 16 a column that only BRIN indexes hold may change in a HOT update."""


def check_hot(catalog: Catalog, facts: LintFacts, workload: Workload) -> LintResult:
    """Return the indexes that take HOT from a good part of a table's updates, with those that set their columns.

    Keys, included columns, expressions and the predicate count. Of a partitioned table only the whole is told.
    """
    findings = []
    for table in catalog.tables.values():
        writes = workload.writes.get(table.table)
        if writes is None or table.parent is not None or writes.updates_per_hour < LEAST_UPDATES_PER_HOUR:
            continue
        for index in table.indexes:
            changed = dict(_changed(index, table, writes.updated, catalog.server_version))
            rate = min(sum(changed.values()), writes.updates_per_hour)
            if rate >= LEAST_SHARE * writes.updates_per_hour:
                findings.append(_finding(index, table, (changed, rate), writes, _scans(index, table, catalog, facts)))
    return LintResult(tuple(findings))


def _changed(
    index: ExistingIndex, table: TableFacts, updated: Mapping[str, float], server_version: int
) -> Iterator[tuple[str, float]]:
    if index.index.method == "brin" and server_version >= BRIN_IS_HOT:
        return
    for name in sorted(named_columns(index.index, table)):
        if updated.get(name, 0.0) > 0:
            yield name, updated[name]


def _finding(
    index: ExistingIndex, table: TableFacts, what: tuple[Mapping[str, float], float], writes: Writes, scans: int
) -> Finding:
    changed, rate = what
    said = (
        f"{rate:,.0f} of {writes.updates_per_hour:,.0f} updates an hour set {', '.join(changed)}, which it holds: "
        f"none of them is HOT, and each writes all {len(table.indexes)} indexes of {table.table}"
    )
    if writes.hot_ratio is not None:
        said += f"; {writes.hot_ratio:.0%} of the updates are HOT now"
    hint = "it has no scans: nothing would miss it" if not scans else "weigh what it saves readers against that"
    return Finding(subject(index), "warning" if not scans else "info", said, hint)


def _scans(index: ExistingIndex, table: TableFacts, catalog: Catalog, facts: LintFacts) -> int:
    leaves = leaves_of(index, table, catalog)
    used = sum(use.scans.get((leaf.schema, leaf.name), 0) for use in facts.replicas for leaf in leaves)
    return used + sum(leaf.scans for leaf in leaves)
