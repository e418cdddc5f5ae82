"""All checks together, each index advised away at most once."""

from candlefish.advise.advice import Recommendation
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.lints.analyzed import check_analyzed
from candlefish.advise.lints.duplicates import check_duplicates
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.foreign_keys import check_foreign_keys
from candlefish.advise.lints.hot import check_hot
from candlefish.advise.lints.invalid import check_invalid
from candlefish.advise.lints.redundant import check_redundant
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sequences import check_sequences
from candlefish.advise.lints.unused import check_unused
from candlefish.advise.lints.wraparound import check_wraparound
from candlefish.advise.statements import Workload
from candlefish.results import Finding

_SEVERITIES = ("critical", "warning", "info")


def run_lints(catalog: Catalog, facts: LintFacts, workload: Workload) -> LintResult:
    """Return what every check found, the gravest first.

    The order of the checks matters: of twins one goes, and what the other one does is not unused; what is unused can't
    make a narrower index redundant.
    """
    invalid = check_invalid(catalog, facts)
    duplicates = check_duplicates(catalog, facts)
    gone = _oids(catalog, invalid.drops) | _oids(catalog, duplicates.drops)
    unused = check_unused(catalog, facts, gone)
    gone |= _oids(catalog, unused.drops)
    parts = (
        check_wraparound(facts),
        check_sequences(catalog, facts),
        invalid,
        check_foreign_keys(catalog, workload),
        duplicates,
        check_redundant(catalog, facts, gone),
        unused,
        check_hot(catalog, facts, workload),
        check_analyzed(catalog, facts),
    )
    return LintResult(
        findings=tuple(sorted((one for part in parts for one in part.findings), key=_severity)),
        drops=tuple(one for part in parts for one in part.drops),
        foreign_keys=tuple(one for part in parts for one in part.foreign_keys),
        unindexed=tuple(one for part in parts for one in part.unindexed),
    )


def _severity(finding: Finding) -> int:
    return _SEVERITIES.index(finding.severity)


def _oids(catalog: Catalog, drops: tuple[Recommendation, ...]) -> frozenset[int]:
    names = {(drop.table, drop.name) for drop in drops}
    return frozenset(
        index.oid for table in catalog.tables.values() for index in table.indexes if (table.table, index.name) in names
    )
