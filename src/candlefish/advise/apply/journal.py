"""What was done to the database, kept in the database: each state is committed before and after what it speaks of."""

from dataclasses import dataclass
from typing import Final, Literal, LiteralString, cast

import psycopg

from candlefish.advise.plans.explain import Connection
from candlefish.errors import UsageError

State = Literal["building", "built", "failed", "undoing", "undone"]
"""building and undoing are what a killed run leaves: the catalog tells then how far it came."""

TABLE: Final[LiteralString] = "candlefish.advice_journal"

_MAKE: Final[LiteralString] = """
CREATE SCHEMA IF NOT EXISTS candlefish;
CREATE TABLE IF NOT EXISTS candlefish.advice_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recommendation text NOT NULL,
    index_schema text NOT NULL,
    index_name text NOT NULL,
    statement text NOT NULL,
    undo text NOT NULL,
    state text NOT NULL,
    definition text NOT NULL DEFAULT '',
    error text NOT NULL DEFAULT '',
    attempts int NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a statement that was begun. `definition` is pg_get_indexdef's of what it made or dropped."""

    id: int
    recommendation: str
    index: tuple[str, str]
    statement: str
    undo: str
    state: State
    definition: str
    error: str

    @property
    def drops(self) -> bool:
        """Tell whether it took an index away."""
        return self.statement.startswith("DROP ")


def make_journal(connection: Connection) -> None:
    """Make the journal where there is none; raise UsageError where this role may not."""
    try:
        connection.execute(_MAKE)
    except psycopg.errors.InsufficientPrivilege as error:
        raise UsageError(
            "this role may not keep a journal in the database",
            detail=str(error).strip(),
            hint="grant it CREATE on the database, or run what `--dry-run` prints by hand",
        ) from error


def has_journal(connection: Connection) -> bool:
    """Tell whether anything was ever applied here."""
    return connection.execute("SELECT to_regclass(%s) IS NOT NULL", (TABLE,)).fetchone() == (True,)


def entries(connection: Connection, *states: State) -> tuple[Entry, ...]:
    """Return the lines in some states, the oldest first."""
    rows = connection.execute(
        "SELECT id, recommendation, index_schema, index_name, statement, undo, state, definition, error"
        " FROM candlefish.advice_journal WHERE state = ANY (%s) ORDER BY id",
        (list(states),),
    ).fetchall()
    return tuple(
        Entry(row[0], row[1], (row[2], row[3]), row[4], row[5], cast(State, row[6]), row[7], row[8]) for row in rows
    )


def begin(connection: Connection, recommendation: str, index: tuple[str, str], statement: str, undo: str) -> int:
    """Write down that a statement is begun; return the line's number."""
    row = connection.execute(
        "INSERT INTO candlefish.advice_journal"
        " (recommendation, index_schema, index_name, statement, undo, state, attempts)"
        " VALUES (%s, %s, %s, %s, %s, 'building', 1) RETURNING id",
        (recommendation, *index, statement, undo),
    ).fetchone()
    assert row is not None
    return int(row[0])


def note(connection: Connection, id: int, state: State, *, error: str = "", definition: str = "") -> None:
    """Write down what became of a line."""
    connection.execute(
        "UPDATE candlefish.advice_journal SET state = %s, error = %s, ended_at = now(),"
        " definition = CASE WHEN %s = '' THEN definition ELSE %s END WHERE id = %s",
        (state, error, definition, definition, id),
    )
