"""What the catalog says of an index, and who stands in the way of building one."""

from dataclasses import dataclass
from typing import Any, Final

from candlefish.advise.plans.explain import Connection

_BLOCKERS: Final = """
SELECT pid, usename, application_name, extract(epoch FROM now() - xact_start)::float8, state
FROM pg_stat_activity
WHERE xact_start < now() - %s * interval '1 second' AND pid <> pg_backend_pid() AND datname = current_database()
  AND backend_type = 'client backend' AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
UNION ALL
SELECT 0, owner, 'prepared transaction ' || gid, extract(epoch FROM now() - prepared)::float8, 'prepared'
FROM pg_prepared_xacts
WHERE database = current_database() AND prepared < now() - %s * interval '1 second'
ORDER BY 4 DESC
"""

_BLOCKING: Final = """
SELECT pid, usename, application_name, extract(epoch FROM now() - xact_start)::float8, state
FROM unnest(pg_blocking_pids(%s)) AS waited (pid) JOIN pg_stat_activity USING (pid)
ORDER BY xact_start LIMIT 1
"""

# A concurrent build waits for whoever has written (and so may hold a lock on the table), and for whoever holds a
# snapshot; a transaction that has done neither since its last statement is in nobody's way.


@dataclass(frozen=True, slots=True)
class Blocker:
    """A transaction that a concurrent build would wait for."""

    pid: int
    user: str
    application: str
    age_s: float
    state: str

    def __str__(self) -> str:
        who = f"pid {self.pid}" if self.pid else self.application
        name = f" ({self.application})" if self.pid and self.application else ""
        return f"{who} of {self.user}{name}: open for {self.age_s:.0f} s, {self.state}"


@dataclass(frozen=True, slots=True)
class Made:
    """An index in the catalog. `builder` is the process that builds it at the moment, 0 for nobody.

    `is_part` tells whether it is attached to the index of a partitioned table, with which it goes; `is_partitioned`
    whether it is that of a partitioned table, which is not valid until its last part is attached.
    """

    is_valid: bool
    definition: str
    builder: int
    is_part: bool
    is_partitioned: bool

    @property
    def is_whole(self) -> bool:
        """Tell whether it is as it should be: an invalid index is what a build or a drop left that was cut short."""
        return self.is_valid or self.is_partitioned


def find_index(connection: Connection, index: tuple[str, str]) -> Made | None:
    """Return what the catalog says of an index, None where there is none."""
    row = connection.execute(
        "SELECT i.indisvalid AND i.indisready, pg_get_indexdef(c.oid),"
        " coalesce((SELECT min(p.pid) FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid), 0),"
        " c.relispartition, c.relkind = 'I'"
        " FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        index,
    ).fetchone()
    return None if row is None else Made(bool(row[0]), str(row[1]), int(row[2]), bool(row[3]), bool(row[4]))


def find_blockers(connection: Connection, older_than_s: float) -> tuple[Blocker, ...]:
    """Return the transactions of this database that are older than this, the oldest first."""
    rows = connection.execute(_BLOCKERS, (older_than_s, older_than_s)).fetchall()
    return tuple(map(_blocker, rows))


def find_blocking(connection: Connection, pid: int) -> Blocker | None:
    """Return the oldest session for whose lock or transaction a process waits at the moment, None for nobody."""
    row = connection.execute(_BLOCKING, (pid,)).fetchone()
    return None if row is None else _blocker(row)


def _blocker(row: tuple[Any, ...]) -> Blocker:
    return Blocker(int(row[0]), str(row[1]), str(row[2]), float(row[3] or 0.0), str(row[4] or "unknown"))
