"""The connection that changes the database: one at a time, named, patient."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from candlefish.address import describe, explain_refusal, parse_address
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError, UsageError

APPLICATION: Final = "candlefish advise --apply"

LOCK: Final = 0x63616E646C656669
"""Of pg_advisory_lock, in each database: whoever holds it applies or undoes advice ("candlefi" as a number)."""


@contextmanager
def change(dsn: str) -> Iterator[Connection]:
    """Give a connection in autocommit mode that holds the lock; raise UsageError where somebody else does."""
    try:
        address = make_conninfo("", **{**parse_address(dsn), "application_name": APPLICATION})
        connection: Connection = psycopg.connect(address, autocommit=True)
    except psycopg.OperationalError as error:
        raise explain_refusal(str(error), describe(dsn)) from error
    with connection:
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            raise UsageError(
                f"{describe(dsn)} is a replica", hint="apply advice on the primary: its replicas follow by themselves"
            )
        if connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone() != (True,):
            raise UsageError(
                f"advice is being applied to {describe(dsn)} already",
                detail=_holder(connection),
                hint="wait for it, or end that process",
            )
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("SET statement_timeout = 0")
        try:
            yield connection
        except psycopg.Error as error:  # of the journal, or of a question: what a statement raised was told before
            raise EngineError(
                f"{describe(dsn)} refused to go on",
                detail=str(error).strip().replace("\n", "; "),
                hint="run the same command again when the cause is gone: the journal knows what was begun",
            ) from error
        finally:
            _unlock(connection)


def _unlock(connection: Connection) -> None:
    """Release the lock before the connection ends: the server sees that a moment later, when others may ask for it."""
    if connection.info.transaction_status == TransactionStatus.IDLE:
        with suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _holder(connection: Connection) -> str:
    row = connection.execute(
        "SELECT a.pid, a.usename, a.backend_start::text FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (LOCK >> 32, LOCK & 0xFFFFFFFF),
    ).fetchone()
    return f"by pid {row[0]} of {row[1]}, since {row[2]}" if row is not None else "by a session that may not be seen"
