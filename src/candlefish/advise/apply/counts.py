"""What pg_stat_statements has counted of each statement: calls, time, and how much the time varies."""

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from candlefish.advise.plans.explain import Connection
from candlefish.advise.workload.fingerprint import fingerprint, is_of_users, kind_of
from candlefish.advise.workload.pg_stat_statements import HIDDEN
from candlefish.errors import UsageError

_WHERE: Final = (
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
    " WHERE e.extname = 'pg_stat_statements'"
)

_QUERY: Final = """
SELECT query, calls::float8, total_exec_time, calls * (stddev_exec_time ^ 2 + mean_exec_time ^ 2)
FROM {} WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

_HIDDEN: Final = """
SELECT count(*) FROM {} WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query = %s
"""

_OWN_SCHEMA: Final = "candlefish."


@dataclass(frozen=True, slots=True)
class Count:
    """Calls of one statement, their time in milliseconds, and the sum of the squares of each call's time."""

    calls: float = 0.0
    total_ms: float = 0.0
    squares: float = 0.0

    @property
    def mean_ms(self) -> float:
        """Return the mean time of a call, 0 where there was none."""
        return self.total_ms / self.calls if self.calls else 0.0

    @property
    def variance(self) -> float:
        """Return the variance of a call's time."""
        return max(self.squares / self.calls - self.mean_ms**2, 0.0) if self.calls else 0.0

    def plus(self, other: "Count") -> "Count":
        """Return both together."""
        return Count(self.calls + other.calls, self.total_ms + other.total_ms, self.squares + other.squares)

    def since(self, before: "Count") -> "Count":
        """Return what was counted since; all of it where the counts were reset in between."""
        if self.calls < before.calls:
            return self
        return Count(
            self.calls - before.calls,
            max(self.total_ms - before.total_ms, 0.0),
            max(self.squares - before.squares, 0.0),
        )


def read_counts(connection: Connection) -> dict[str, tuple[str, Count]]:
    """Return text and count of this database's statements by their id; raise UsageError where nobody counts them."""
    view = _view(connection)
    if view is None:
        raise UsageError(
            "can't watch: the database has no pg_stat_statements, so nobody counts what statements take",
            hint="run `CREATE EXTENSION pg_stat_statements` (it must be in shared_preload_libraries) before --apply",
        )
    try:
        rows = connection.execute(sql.SQL(_QUERY).format(view)).fetchall()
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise UsageError(
            "can't watch: the server does not count statements",
            detail=error.diag.message_primary or "",
            hint="add pg_stat_statements to shared_preload_libraries and restart the server",
        ) from error
    counts: dict[str, tuple[str, Count]] = {}
    for text, calls, total_ms, squares in rows:
        if text is None or text == HIDDEN or _OWN_SCHEMA in text or kind_of(text) is None or not is_of_users(text):
            continue
        key = fingerprint(text)
        known = counts[key][1] if key in counts else Count()
        counts[key] = text, known.plus(Count(float(calls), float(total_ms), float(squares)))
    return counts


def count_hidden(connection: Connection) -> int:
    """Return how many statements of other roles this one may not see."""
    view = _view(connection)
    row = None if view is None else connection.execute(sql.SQL(_HIDDEN).format(view), (HIDDEN,)).fetchone()
    return 0 if row is None else int(row[0])


def _view(connection: Connection) -> sql.Identifier | None:
    row = connection.execute(_WHERE).fetchone()
    return None if row is None else sql.Identifier(row[0], "pg_stat_statements")
