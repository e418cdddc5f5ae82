"""Tables without statistics: the planner guesses, and so does all advice about them."""

from typing import Final

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.quoting import quote_table
from candlefish.results import Finding

LEAST_ROWS: Final = 50
"""Rows from which on autovacuum analyses a table by itself (autovacuum_analyze_threshold); below that no plan goes
wrong for lack of statistics."""


def check_analyzed(catalog: Catalog, facts: LintFacts) -> LintResult:
    """Return the tables that were never analysed; those whose statistics the role may not see are left out."""
    findings = []
    for table in catalog.tables.values():
        rows = max(table.rows, table.live_rows)
        if table.kind == "foreign table" or rows < LEAST_ROWS or table.oid in facts.unreadable:
            continue
        if not table.last_analyzed and not _has_statistics(table):
            findings.append(_finding(table, rows))
    return LintResult(tuple(findings))


def _has_statistics(table: TableFacts) -> bool:
    """Tell whether ANALYZE left something: a reset of the counters forgets when it ran."""
    return any(column.width_bytes or column.distinct or column.null_ratio for column in table.columns.values())


def _finding(table: TableFacts, rows: float) -> Finding:
    subject, hint = f"table {table.table}", f"ANALYZE {quote_table(table.table)}"
    if table.kind == "partitioned table":
        said = "never analysed as a whole: autovacuum analyses its partitions alone"
        return Finding(subject, "info", said, hint)
    return Finding(subject, "warning", f"never analysed, with {rows:,.0f} rows", hint)
