"""Indexes that nothing has read, on the primary and on every replica, for long enough to tell."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.advice import Confidence
from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.changes import Why, drop_index, leaves_of, subject, why_kept
from candlefish.advise.lints.facts import LintFacts, Use
from candlefish.advise.lints.foreign_keys import held_for
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sameness import is_same
from candlefish.results import Finding
from candlefish.units import render_bytes

LEAST_HOURS: Final = 7 * 24.0
"""How long every server's statistics must go back, in hours: a week has each weekday's work in it."""

MONTH_HOURS: Final = 31 * 24.0
"""From here on what runs once a month has run too, and the advice is sure."""

LEAST_READS: Final = 1_000
"""Scans of the table in that time, by whatever way. Of a table that is hardly read, or was restored yesterday into an
old server, no scans say nothing."""


def check_unused(catalog: Catalog, facts: LintFacts, gone: frozenset[int] = frozenset()) -> LintResult:
    """Return the indexes without a single scan; indexes in `gone` (oids) are left out.

    Nothing is advised, and one finding says why, where the statistics are too young or a server's are missing.
    """
    idle = list(_idle(catalog, facts, gone))
    doubt = _doubt(facts)
    if doubt and idle:
        names = ", ".join(sorted(f"{index.schema}.{index.name}" for index, _ in idle)[:5])
        more = f" and {len(idle) - 5} more" if len(idle) > 5 else ""
        said = f"{len(idle)} {'index has' if len(idle) == 1 else 'indexes have'} no scans so far: {names}{more}"
        return LintResult((Finding("unused indexes", "info", said, doubt),))
    findings, drops = [], []
    for index, table in idle:
        size = sum(leaf.size_bytes for leaf in leaves_of(index, table, catalog))
        drop = drop_index(index, table, _why(index, facts), size)
        drops.append(drop)
        findings.append(
            Finding(subject(index), "warning", f"{drop.reason}; it takes {render_bytes(size)}", drop.statement)
        )
    return LintResult(tuple(findings), tuple(drops))


def _idle(catalog: Catalog, facts: LintFacts, gone: frozenset[int]) -> Iterator[tuple[ExistingIndex, TableFacts]]:
    for table in catalog.tables.values():
        if _reads(table, catalog, facts) < LEAST_READS:
            continue
        left = [index for index in table.indexes if index.oid not in gone]
        for index in tuple(left):
            others = [other for other in left if other.oid != index.oid]
            if _may_go(index, table, facts) and not (
                _is_used(index, table, catalog, facts) or held_for(index, others, table, catalog)
            ):
                left = others
                yield index, table


def _may_go(index: ExistingIndex, table: TableFacts, facts: LintFacts) -> bool:
    is_young = facts.made_hours.get(index.oid, LEAST_HOURS) < LEAST_HOURS
    return index.valid and not (is_young or index.index.unique or why_kept(index, table, facts))


def _is_used(index: ExistingIndex, table: TableFacts, catalog: Catalog, facts: LintFacts) -> bool:
    """Tell whether it was read on any server, in any part; what its twin does, it would do."""
    twins = [other for other in table.indexes if is_same(other, index)]
    leaves = [leaf for twin in twins for leaf in leaves_of(twin, table, catalog)]
    keys = [(leaf.schema, leaf.name) for leaf in leaves]
    return any(leaf.scans for leaf in leaves) or any(use.scans.get(key) for use in facts.replicas for key in keys)


def _reads(table: TableFacts, catalog: Catalog, facts: LintFacts) -> int:
    """Return how often a table was read on any server, a partitioned one's parts summed."""
    if table.kind == "partitioned table":
        parts = (part for part in catalog.tables.values() if part.parent == table.table)
        return sum(_reads(part, catalog, facts) for part in parts)
    key = (table.table.schema, table.table.name)
    return sum(use.reads.get(key, 0) for use in (facts.primary, *facts.replicas))


def _doubt(facts: LintFacts) -> str:
    """Return why the statistics do not allow to advise a drop; "" where they do."""
    if facts.primary.is_replica:
        return "this server is a replica: what the primary reads is not known"
    if facts.unread:
        return f"a replica could not be read: {'; '.join(facts.unread)}"
    missing = facts.attached - sum(use.is_replica for use in facts.replicas)
    if missing > 0:
        return f"{missing} replica{'s' if missing > 1 else ''} of this server may use them: name each with --replica"
    youngest = _youngest(facts)
    if youngest.hours < LEAST_HOURS:
        return f"the statistics of {youngest.server} go back {_days(youngest.hours)}; {_days(LEAST_HOURS)} are needed"
    return ""


def _why(index: ExistingIndex, facts: LintFacts) -> Why:
    hours = _youngest(facts).hours
    servers = f" on {1 + len(facts.replicas)} servers" if facts.replicas else ""
    said = f"unused: no scans{servers} in {_days(hours)}"
    if any(key.expression for key in index.index.keys):
        return Why(f"{said}; the planner still takes statistics of its expression from it", "low")
    confidence: Confidence = "high" if hours >= MONTH_HOURS else "medium"
    return Why(said, confidence)


def _youngest(facts: LintFacts) -> Use:
    return min((facts.primary, *facts.replicas), key=lambda use: use.hours)


def _days(hours: float) -> str:
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"
