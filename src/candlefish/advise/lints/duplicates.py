"""Indexes that are there twice: the same keys, order, operator classes, collations, rows, access method."""

from collections.abc import Iterable, Iterator

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.changes import Why, drop_index, leaves_of, subject, why_kept
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sameness import is_same
from candlefish.results import Finding


def check_duplicates(catalog: Catalog, facts: LintFacts) -> LintResult:
    """Return a finding for every index of which another one is the same, and what to drop.

    Of two the one stays that more hangs on: the primary key, a constraint, a unique index. One that must stay beside
    its twin is a finding without a recommendation.
    """
    findings, drops = [], []
    for table in catalog.tables.values():
        for keeper, twin in _pairs(table, facts):
            kept = why_kept(twin, table, facts)
            said = f"the same as {keeper.name}, which stays{_because(keeper, facts)}"
            if kept:
                hint = f"drop its constraint if nothing needs it: {kept}" if twin.constraint else f"it stays: {kept}"
                findings.append(Finding(subject(twin), "info", f"{said} as well", hint))
                continue
            size = sum(leaf.size_bytes for leaf in leaves_of(twin, table, catalog))
            drop = drop_index(twin, table, Why(f"duplicate: {said}", "high"), size)
            findings.append(Finding(subject(twin), "warning", f"duplicate: {said}", drop.statement))
            drops.append(drop)
    return LintResult(tuple(findings), tuple(drops))


def _pairs(table: TableFacts, facts: LintFacts) -> Iterator[tuple[ExistingIndex, ExistingIndex]]:
    """Give (the index that stays, another one that is the same)."""
    waiting = [index for index in table.indexes if index.valid and index.oid not in facts.deferrable]
    waiting.sort(key=lambda index: _rank(index, facts))
    while waiting:
        keeper, *waiting = waiting
        twins = [index for index in waiting if is_same(keeper, index)]
        yield from ((keeper, twin) for twin in twins if not twin.parent)  # a part goes with the whole
        waiting = _without(waiting, twins)


def _rank(index: ExistingIndex, facts: LintFacts) -> tuple[object, ...]:
    """Sort what more hangs on to the front."""
    return (
        index.oid not in facts.primary_keys,
        not index.constraint,
        index.oid not in facts.referenced,
        not index.is_replica_identity,
        not index.index.unique,
        not index.parent,
        index.name,
    )


def _without(indexes: Iterable[ExistingIndex], others: Iterable[ExistingIndex]) -> list[ExistingIndex]:
    gone = {one.oid for one in others}
    return [index for index in indexes if index.oid not in gone]


def _because(keeper: ExistingIndex, facts: LintFacts) -> str:
    if keeper.oid in facts.primary_keys:
        return " (the primary key)"
    if keeper.constraint:
        return " (it holds a constraint)"
    return " (it is unique)" if keeper.index.unique else ""
