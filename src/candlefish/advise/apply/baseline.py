"""What each statement took before a change, kept beside the journal, so that whoever comes later can compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.counts import Count, read_counts
from candlefish.advise.plans.explain import Connection
from candlefish.advise.plans.tokens import unquote
from candlefish.advise.statements import Table
from candlefish.advise.workload.split import pieces
from candlefish.errors import UsageError

_TABLE: Final[LiteralString] = "candlefish.advice_statements"

_MAKE: Final[LiteralString] = """
CREATE TABLE IF NOT EXISTS candlefish.advice_statements (
    statement_id text PRIMARY KEY,
    text text NOT NULL,
    concerned_by text[] NOT NULL,
    served_by text[] NOT NULL,
    first_line bigint NOT NULL,
    before_calls float8 NOT NULL, before_total_ms float8 NOT NULL, before_squares float8 NOT NULL,
    start_calls float8 NOT NULL, start_total_ms float8 NOT NULL, start_squares float8 NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    after_calls float8, after_total_ms float8, after_at timestamptz
)
"""

_INSERT: Final[LiteralString] = """
INSERT INTO candlefish.advice_statements (statement_id, text, concerned_by, served_by, first_line,
    before_calls, before_total_ms, before_squares, start_calls, start_total_ms, start_squares)
VALUES (%s, %s, %s, %s, (SELECT coalesce(max(id), 0) + 1 FROM candlefish.advice_journal), %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Baseline:
    """One statement: its counts before the change, and those from which on the time after it is counted.

    `concerned_by` are recommendations on a table that it names, `served_by` those that were made for it.
    """

    id: str
    text: str
    concerned_by: frozenset[str]
    served_by: frozenset[str]
    before: Count
    start: Count


def note_before(connection: Connection, recommendations: Sequence[Recommendation]) -> bool:
    """Write down what statements took until now; False where nobody counts them. It takes the place of the last one."""
    try:
        counts = read_counts(connection)
    except UsageError:
        return False
    connection.execute(_MAKE)
    rows = []
    for key, (text, count) in counts.items():
        names = names_of(text)
        concerned = [one.id for one in recommendations if _is_named(one.table, names)]
        served = [one.id for one in recommendations if any(effect.statement_id == key for effect in one.effects)]
        figures = (count.calls, count.total_ms, count.squares)
        rows.append((key, text, sorted({*concerned, *served}), served, *figures, *figures))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM candlefish.advice_statements")
        cursor.executemany(_INSERT, rows)
    return True


def note_start(connection: Connection, counts: Mapping[str, tuple[str, Count]], *, recommendation: str = "") -> None:
    """Count the time after the change from now on: of all statements, or of those that one recommendation concerns."""
    rows = [(count.calls, count.total_ms, count.squares, key) for key, (_, count) in counts.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE candlefish.advice_statements SET start_calls = %s, start_total_ms = %s, start_squares = %s,"
            " started_at = now() WHERE statement_id = %s AND (%s = '' OR %s = ANY (concerned_by))",
            [(*row, recommendation, recommendation) for row in rows],
        )


def note_after(connection: Connection, after: Mapping[str, Count]) -> None:
    """Write down what statements took afterwards."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE candlefish.advice_statements SET after_calls = %s, after_total_ms = %s, after_at = now()"
            " WHERE statement_id = %s",
            [(count.calls, count.total_ms, key) for key, count in after.items()],
        )


def load_baseline(connection: Connection) -> tuple[int, tuple[Baseline, ...]]:
    """Return the journal's first line that the last --apply wrote, and the statements; raise UsageError without."""
    exists = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (_TABLE,)).fetchone() == (True,)
    rows = (
        connection.execute(
            "SELECT first_line, statement_id, text, concerned_by, served_by, before_calls, before_total_ms,"
            " before_squares, start_calls, start_total_ms, start_squares FROM candlefish.advice_statements"
        ).fetchall()
        if exists
        else []
    )
    if not rows:
        raise UsageError(
            "there is nothing to watch: it is not known what statements took before",
            detail="--apply notes that where pg_stat_statements counts them, and builds something",
            hint="give --apply and --watch together, or --undo what was applied",
        )
    found = (
        Baseline(row[1], row[2], frozenset(row[3]), frozenset(row[4]), Count(*row[5:8]), Count(*row[8:11]))
        for row in rows
    )
    return int(rows[0][0]), tuple(found)


def names_of(text: str) -> frozenset[str]:
    """Return the names that a statement writes, as the catalog spells them."""
    words = [(kind, found) for kind, found in pieces(text) if kind in ("word", "quoted")]
    return frozenset(unquote(found) if kind == "quoted" else found.lower() for kind, found in words)


def _is_named(table: Table, names: frozenset[str]) -> bool:
    return table.name in names
