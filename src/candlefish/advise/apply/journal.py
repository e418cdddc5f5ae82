"""What was done to the database, kept in the database: each state is committed before and after what it speaks of."""

import re
from dataclasses import dataclass
from typing import Final, Literal, LiteralString, cast

import psycopg

from candlefish.advise.apply.extension import made_extension
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


_REBUILDS: Final = re.compile(r'REINDEX INDEX CONCURRENTLY "((?:[^"]|"")+)"\."((?:[^"]|"")+)"')


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

    @property
    def rebuilds(self) -> tuple[str, str] | None:
        """Return the index that it builds anew; None where it does not.

        `index` is empty then: what is not ours must not be dropped by an undo.
        """
        match = _REBUILDS.fullmatch(self.statement)
        return None if match is None else (match[1].replace('""', '"'), match[2].replace('""', '"'))

    def __str__(self) -> str:
        return self.index[1] or made_extension(self.statement) or (self.rebuilds or ("", self.statement))[1]


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


def begin(connection: Connection, recommendation: str, index: tuple[str, str], statement: str, undo: str) -> Entry:
    """Write down that a statement is begun; return the line."""
    row = connection.execute(
        "INSERT INTO candlefish.advice_journal"
        " (recommendation, index_schema, index_name, statement, undo, state, attempts)"
        " VALUES (%s, %s, %s, %s, %s, 'building', 1) RETURNING id",
        (recommendation, *index, statement, undo),
    ).fetchone()
    assert row is not None
    return Entry(int(row[0]), recommendation, index, statement, undo, "building", "", "")


def note(
    connection: Connection, id: int, state: State, *, error: str = "", definition: str = "", attempts: int = 1
) -> None:
    """Write down what became of a line."""
    connection.execute(
        "UPDATE candlefish.advice_journal SET state = %s, error = %s, ended_at = now(), attempts = %s,"
        " definition = CASE WHEN %s = '' THEN definition ELSE %s END WHERE id = %s",
        (state, error, attempts, definition, definition, id),
    )
