"""Wait until every replica has replayed what the primary wrote."""

import time
from collections.abc import Collection, Sequence
from typing import Any

import psycopg

POLL_S = 0.1

_BEHIND = """
    select r.application_name, r.replay_lsn is null or r.replay_lsn < %s::pg_lsn
    from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
    where r.state = 'streaming' and coalesce(s.slot_type, 'physical') = 'physical'
"""


def wait_for_replicas(
    connection: psycopg.Connection[tuple[Any, ...]], *, timeout_s: float
) -> tuple[int, tuple[str, ...]]:
    """Return how many replicas have replayed all that is written now, and who is still behind."""
    connection.execute("set synchronous_commit to local")
    # A commit of its own: its end in the WAL is a place that every replica reports, even when nothing follows.
    connection.execute("select pg_logical_emit_message(true, 'candlefish', 'loaded')")
    target = connection.execute("select pg_current_wal_flush_lsn()::text").fetchone()
    assert target is not None
    deadline = time.monotonic() + timeout_s
    while True:
        replicas = connection.execute(_BEHIND, [target[0]]).fetchall()
        behind = tuple(str(name) for name, is_behind in replicas if is_behind)
        if not behind or time.monotonic() > deadline:
            return len(replicas) - len(behind), behind
        time.sleep(POLL_S)


def wait_for_slots(nodes: Sequence[str], database: str, slots: Collection[str], *, timeout_s: float) -> bool:
    """Wait until every node has the logical slots of a database again; return False when one has not in time.

    A replica gets them from the primary while it restarts (Patroni copies the files), so this is also the
    moment from which all nodes serve again. `nodes` are connection strings.
    """
    deadline = time.monotonic() + timeout_s
    while not all(_has_slots(node, database, slots) for node in nodes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _has_slots(conninfo: str, database: str, slots: Collection[str]) -> bool:
    try:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=2) as connection:
            found = connection.execute("select slot_name from pg_replication_slots where database = %s", [database])
            return {str(row[0]) for row in found} >= set(slots)
    except psycopg.OperationalError:
        return False
