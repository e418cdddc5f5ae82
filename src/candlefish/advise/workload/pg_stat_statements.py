"""pg_stat_statements as a workload: what the server itself counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.problem import roots_of
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Skipped, Statement, StatementKind, Workload
from candlefish.advise.workload.constants import with_constants
from candlefish.advise.workload.fingerprint import fingerprint, is_of_users, kind_of
from candlefish.errors import UsageError

MOST_STATEMENTS: Final = 1000
"""Looked at, by total time; what lies behind them takes next to nothing."""

LEAST_HOURS: Final = 1 / 60
"""Statistics younger than a minute say nothing about an hour."""

HIDDEN: Final = "<insufficient privilege>"
"""What stands in the place of texts that a role may not see."""

UNSEEN: Final = Skipped(HIDDEN, "this role may not see other roles' statements: grant it pg_read_all_stats")

_LOST: Final = Skipped("", "the server lost the texts of some statements: pg_stat_statements could not write its file")

_INSTEAD: Final = "or name a file of SQL with --workload"

_EXTENSION: Final = """
SELECT n.nspname, string_to_array(e.extversion, '.')::int[]
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'
"""

_QUERY: Final = """
SELECT min(query), sum(calls)::float8, sum(total_exec_time)::float8, sum(rows)::float8, pg_get_userbyid(userid)
FROM {} WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY queryid, userid ORDER BY sum(total_exec_time) DESC
"""


@dataclass(slots=True)
class _Counted:
    """Entries of one statement: the server counts it again for each role, and for lists of another length."""

    text: str
    kind: StatementKind
    calls: float = 0.0
    total_ms: float = 0.0
    rows: float = 0.0
    role: str = ""
    """Whose calls took most."""


def load_statements(connection: Connection, catalog: Catalog, *, limit: int = MOST_STATEMENTS) -> Workload:
    """Return the statements of this database by total time; raise UsageError where the server counts none."""
    found = connection.execute(_EXTENSION).fetchone()
    if found is None:
        raise UsageError(
            "the database has no pg_stat_statements, so nobody knows what it is asked",
            hint=f"run `CREATE EXTENSION pg_stat_statements` (it must be in shared_preload_libraries), {_INSTEAD}",
        )
    schema, version = found
    try:
        hours = _hours(connection, schema, version)
        rows = connection.execute(sql.SQL(_QUERY).format(sql.Identifier(schema, "pg_stat_statements"))).fetchall()
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise UsageError(
            "the server does not count statements",
            detail=error.diag.message_primary or "",
            hint=f"add pg_stat_statements to shared_preload_libraries and restart the server, {_INSTEAD}",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise UsageError(
            "this role may not read pg_stat_statements",
            detail=error.diag.message_primary or "",
            hint=f"grant it USAGE on the schema {schema} and SELECT on the view, {_INSTEAD}",
        ) from error
    counted, skipped = _counted(rows)
    heaviest = sorted(counted.items(), key=lambda each: -each[1].total_ms)[:limit]
    statements = [
        Statement(
            key,
            one.text,
            one.kind,
            (),
            one.calls / hours,
            one.total_ms / one.calls,
            one.rows / one.calls,
            role=one.role,
        )
        for key, one in heaviest
        if one.calls
    ]
    runnable = with_constants(connection, statements, catalog, roots_of(catalog))
    skipped += runnable.skipped
    return Workload("pg_stat_statements", hours, runnable.statements, tuple(skipped), refused=runnable.refused)


def _counted(rows: Iterable[tuple[Any, ...]]) -> tuple[dict[str, _Counted], list[Skipped]]:
    """Return the counts by fingerprint, and once each what can't be seen."""
    counted: dict[str, _Counted] = {}
    skipped: dict[Skipped, None] = {}
    for text, calls, total_ms, returned, role in rows:  # those that took most come first
        if text is None or text == HIDDEN:
            skipped[_LOST if text is None else UNSEEN] = None
            continue
        kind = kind_of(text)
        if kind is None or not is_of_users(text):
            continue
        one = counted.setdefault(fingerprint(text), _Counted(text, kind, role=role))
        one.calls += calls
        one.total_ms += total_ms
        one.rows += returned
    return counted, list(skipped)


def _hours(connection: Connection, schema: str, version: list[int]) -> float:
    """Return the hours since the counts began."""
    since = "SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float8 / 3600"
    if version >= [1, 9]:  # PostgreSQL 14
        view = sql.Identifier(schema, "pg_stat_statements_info").as_string(connection)
        since = f"SELECT extract(epoch FROM now() - stats_reset)::float8 / 3600 FROM {view}"
    row = connection.execute(since.encode()).fetchone()
    return max(float(row[0]) if row is not None else 0.0, LEAST_HOURS)
