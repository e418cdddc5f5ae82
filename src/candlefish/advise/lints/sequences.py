"""Sequences and identity columns that run out: of their own range, of their column's type, or of one that refers."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import Catalog, ForeignKey
from candlefish.advise.lints.facts import LintFacts, SequenceFacts
from candlefish.advise.lints.result import LintResult
from candlefish.results import Finding

WARNING_RATIO: Final = 0.75
"""Share of the values that may be drawn before it is told: the change of a large column's type takes weeks to plan."""

CRITICAL_RATIO: Final = 0.9
"""The share from which on there may not be time for that."""

_TYPE_MAX: Final = {"int2": 32_767, "int4": 2_147_483_647, "int8": 9_223_372_036_854_775_807}


def check_sequences(catalog: Catalog, facts: LintFacts) -> LintResult:
    """Return the sequences that are beyond `WARNING_RATIO` of the narrowest range that their values go into."""
    findings = []
    for sequence in facts.sequences:
        if sequence.cycles:
            continue
        limit, what = min(_limits(sequence, catalog))
        used = _used(sequence, limit)
        if used > WARNING_RATIO:
            findings.append(_finding(sequence, used, limit, what))
    return LintResult(tuple(findings))


def _limits(sequence: SequenceFacts, catalog: Catalog) -> Iterator[tuple[int, str]]:
    """Give what ends the sequence, as a number of values above its least and in words."""
    down = sequence.increment < 0
    yield abs(sequence.min_value if down else sequence.max_value), "the sequence's own range"
    if sequence.column_max is not None:
        yield sequence.column_max, f"the type of {sequence.table}.{sequence.column}"
    for one in catalog.foreign_keys:
        reached = _type_max(one, sequence, catalog)
        if reached is not None:
            yield reached, f"the type of {one.table}, which refers to it by {one.name}"


def _type_max(foreign_key: ForeignKey, sequence: SequenceFacts, catalog: Catalog) -> int | None:
    if foreign_key.referenced != sequence.table or sequence.column not in foreign_key.referenced_columns:
        return None
    name = foreign_key.columns[foreign_key.referenced_columns.index(sequence.column)]
    table = catalog.tables.get(foreign_key.table)
    column = table.columns.get(name) if table is not None else None
    return _TYPE_MAX.get(column.base_type) if column is not None else None


def _used(sequence: SequenceFacts, limit: int) -> float:
    """Return the share of the values from zero (or the sequence's start beyond it) to the limit that are drawn."""
    if sequence.increment < 0:
        first = min(sequence.max_value, 0)
        return (first - sequence.last_value) / max(first + limit, 1)
    first = max(sequence.min_value, 0)
    return (sequence.last_value - first) / max(limit - first, 1)


def _finding(sequence: SequenceFacts, used: float, limit: int, what: str) -> Finding:
    left = max(limit - abs(sequence.last_value), 0) // abs(sequence.increment)
    owner = f" of {sequence.table}.{sequence.column}" if sequence.table else ""
    return Finding(
        f"sequence {sequence.schema}.{sequence.name}",
        "critical" if used > CRITICAL_RATIO else "warning",
        f"{used:.0%} of its values are drawn{owner}, {left:,} are left; {what} ends at {limit:,}",
        "change the column and all that refer to it to bigint, and the sequence with ALTER SEQUENCE ... AS bigint",
    )
