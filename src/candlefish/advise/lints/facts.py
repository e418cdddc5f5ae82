"""What the lints need beside the catalog: types, and the one place where the database and its replicas are asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

from candlefish.advise.lints import questions
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table

CONNECT_SECONDS: Final = 5
"""Longest wait for a replica, in seconds: one that is away must not hold up the advice."""


@dataclass(frozen=True, slots=True)
class Use:
    """How one server used tables and indexes, by (schema, name), in the `hours` since its statistics began."""

    server: str
    hours: float
    is_replica: bool
    scans: Mapping[tuple[str, str], int] = field(default_factory=dict)
    reads: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SequenceFacts:
    """A sequence, and a column that takes its values ("" for none); `column_max` is None where its type has no end."""

    schema: str
    name: str
    table: Table | None
    column: str
    last_value: int
    min_value: int
    max_value: int
    increment: int
    cycles: bool = False
    column_max: int | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """How old the oldest unfrozen transaction id and multixact of a table or a database are, with its limits."""

    subject: str
    xids: int
    multixacts: int
    freeze_max_age: int
    multixact_freeze_max_age: int
    is_temporary: bool = False


@dataclass(frozen=True, slots=True)
class LintFacts:
    """What the catalog does not tell.

    `unread` names the replicas that could not be asked, with the reason, and `attached` counts the physical replicas
    that this server feeds. `building` holds the indexes (and tables) under construction; `builds_hidden` tells that
    some are and this role may not see which. The sets hold oids: `referenced` are indexes that a foreign key rests on.
    `made_hours` tells how long ago an index was made, for those of which it is known.
    """

    primary: Use
    replicas: tuple[Use, ...] = ()
    unread: tuple[str, ...] = ()
    attached: int = 0
    building: frozenset[int] = frozenset()
    builds_hidden: bool = False
    primary_keys: frozenset[int] = frozenset()
    deferrable: frozenset[int] = frozenset()
    referenced: frozenset[int] = frozenset()
    of_extensions: frozenset[int] = frozenset()
    unreadable: frozenset[int] = frozenset()
    made_hours: Mapping[int, float] = field(default_factory=dict)
    sequences: tuple[SequenceFacts, ...] = ()
    ages: tuple[Age, ...] = ()
    holders: tuple[str, ...] = ()
    """What keeps old rows from being frozen, the oldest first."""


def load_lint_facts(connection: Connection, replica_dsns: Sequence[str] = ()) -> LintFacts:
    """Return what the lints need; what the role may not see is empty, and a replica that is away is in `unread`."""
    uses, unread = _replicas(replica_dsns)
    builds = _all(connection, questions.BUILDS)
    kinds = _all(connection, questions.INDEX_KINDS)
    return LintFacts(
        primary=fetch_use(connection, "this server"),
        replicas=tuple(uses),
        unread=tuple(unread),
        attached=_all(connection, questions.ATTACHED)[0][0],
        building=frozenset(oid for row in builds for oid in row if oid),
        builds_hidden=any(table is None for _, table in builds),
        primary_keys=frozenset(oid for oid, primary, _, _ in kinds if primary),
        deferrable=frozenset(oid for oid, _, deferrable, _ in kinds if deferrable),
        referenced=frozenset(oid for oid, _, _, referenced in kinds if referenced),
        of_extensions=frozenset(oid for (oid,) in _all(connection, questions.OF_EXTENSIONS)),
        unreadable=frozenset(oid for (oid,) in _all(connection, questions.UNREADABLE)),
        made_hours=_made(connection),
        sequences=tuple(map(_sequence, _all(connection, questions.SEQUENCES))),
        ages=tuple(Age(*row) for row in _all(connection, questions.AGES)),
        holders=tuple(words for (words,) in _all(connection, questions.HOLDERS)),
    )


def fetch_use(connection: Connection, server: str) -> Use:
    """Return how a server has used its tables and indexes since its statistics began."""
    hours, is_replica = _all(connection, questions.STATISTICS)[0]
    scans = {(schema, name): count for schema, name, count in _all(connection, questions.SCANS)}
    reads = {(schema, name): count for schema, name, count in _all(connection, questions.READS)}
    return Use(server, hours, is_replica, scans, reads)


def _replicas(dsns: Iterable[str]) -> tuple[list[Use], list[str]]:
    found, unread = [], []
    for dsn in dsns:
        name = "a replica"
        try:
            name = _name(dsn)
            with psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
                found.append(fetch_use(connection, name))
        except psycopg.Error as error:
            unread.append(f"{name}: {str(error).strip().splitlines()[0]}")
    return found, unread


def _name(dsn: str) -> str:
    """Return host and port, never a password."""
    words = conninfo_to_dict(dsn)
    return f"{words.get('host') or words.get('hostaddr') or 'local'}:{words.get('port') or 5432}"


def _made(connection: Connection) -> dict[int, float]:
    """Return the hours since indexes were made: as the journal says, and where commit times are kept, as they say."""
    known: dict[int, float] = {}
    if _all(connection, questions.KEEPS_TIMES)[0][0] == "on":
        known |= {oid: hours for oid, hours in _all(connection, questions.MADE) if hours is not None}
    if _all(connection, questions.HAS_JOURNAL)[0][0]:
        known |= dict(_all(connection, questions.JOURNAL))
    return known


def _sequence(row: tuple[Any, ...]) -> SequenceFacts:
    schema, name, table_schema, table, *rest = row
    return SequenceFacts(schema, name, Table(table_schema, table) if table else None, *rest)


def _all(connection: Connection, query: LiteralString) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()
