"""Transaction ids and multixacts: how near a table or a database is to where PostgreSQL stops accepting writes."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.lints.facts import Age, LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.results import Finding, Severity

WRAPAROUND: Final = 2**31
"""Ids between the oldest and the newest that can be told apart; PostgreSQL refuses writes three million before."""

CRITICAL_AGE: Final = 1_600_000_000
"""Age at which VACUUM gives up everything else (vacuum_failsafe_age's default, from PostgreSQL 14)."""

LATE_FACTOR: Final = 1.5
"""How far beyond autovacuum_freeze_max_age an age may be while autovacuum is at work: beyond that it is held up."""


def check_wraparound(facts: LintFacts) -> LintResult:
    """Return tables and databases whose oldest id is far beyond the age at which autovacuum freezes it."""
    held = f"; held up by {', '.join(facts.holders)}" if facts.holders else ""
    found = [finding for age in facts.ages for finding in _findings(age, held)]
    return LintResult(tuple(found))


def _findings(age: Age, held: str) -> Iterator[Finding]:
    kinds = (
        ("transaction id", age.xids, age.freeze_max_age),
        ("multixact", age.multixacts, age.multixact_freeze_max_age),
    )
    for what, reached, limit in kinds:
        severity: Severity = "critical" if reached >= CRITICAL_AGE else "warning"
        if reached < CRITICAL_AGE and reached <= LATE_FACTOR * limit:
            continue
        said = (
            f"its oldest {what} is {reached:,} old: autovacuum freezes it at {limit:,}, "
            f"and {WRAPAROUND - reached:,} are left until PostgreSQL refuses to write{held}"
        )
        yield Finding(_subject(age), severity, said, _hint(age))


def _subject(age: Age) -> str:
    return age.subject if age.subject.startswith("database ") else f"table {age.subject}"


def _hint(age: Age) -> str:
    if age.is_temporary:
        return "autovacuum can't freeze a temporary table: end its session, or drop it"
    if age.subject.startswith("database "):
        return "connect to it and run VACUUM (FREEZE) on its oldest tables"
    return "end what holds it up, then VACUUM (FREEZE, VERBOSE) it"
