"""INVALID indexes: what a failed CREATE INDEX CONCURRENTLY leaves; written by every insert, read by nobody."""

import re
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.changes import Why, drop_index, reindex, subject, why_kept
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sameness import is_same
from candlefish.results import Finding

_LEFTOVER: Final = re.compile(r"_cc(new|old)\d*$")
"""The names that REINDEX CONCURRENTLY gives its passing indexes."""


def check_invalid(catalog: Catalog, facts: LintFacts) -> LintResult:
    """Return every INVALID index that nobody is building at the moment, with what mends it: drop, or build anew."""
    findings, drops = [], []
    for table in catalog.tables.values():
        for index in table.indexes:
            if index.valid or {index.oid, table.oid} & facts.building:
                continue
            if facts.builds_hidden:
                hint = "somebody builds an index and this role may not see which one: ask again as pg_monitor"
                findings.append(Finding(subject(index), "info", "invalid, or being built", hint))
            elif table.kind == "partitioned table":
                hint = "make it on each partition, then ALTER INDEX ... ATTACH PARTITION"
                findings.append(Finding(subject(index), "warning", "invalid: a partition has no part of it", hint))
            else:
                mend = _mend(index, table, facts)
                drops.append(mend)
                findings.append(Finding(subject(index), "warning", mend.reason, mend.statement))
    return LintResult(tuple(findings), tuple(drops))


def _mend(index: ExistingIndex, table: TableFacts, facts: LintFacts) -> Recommendation:
    twin = next((other for other in table.indexes if other.valid and is_same(other, index)), None)
    said = "invalid: it is written and never read"
    if not why_kept(index, table, facts):
        if _LEFTOVER.search(index.name):
            return drop_index(index, table, Why(f"{said}; REINDEX CONCURRENTLY left it", "high"))
        if twin is not None and twin.index.unique >= index.index.unique:
            return drop_index(index, table, Why(f"{said}; {twin.name} is the same and valid", "high"))
    return reindex(index, Why(f"{said}; a build that failed left it", "high"))
