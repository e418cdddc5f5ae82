"""Wait until every replica has replayed what the primary wrote."""

import time
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
