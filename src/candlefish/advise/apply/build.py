"""One step: wait for old transactions, run the statement, leave nothing invalid behind, try again where that helps."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from candlefish.advise.advice import Step
from candlefish.advise.apply.journal import begin, note
from candlefish.advise.apply.look import find_blockers, find_index, progress_of
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote
from candlefish.errors import EngineError

OLD_S: Final = 2.0
"""A transaction that is older is waited for before a build begins: the build would wait for it too, holding its place
in the table's lock queue."""

POLL_S: Final = 1.0

ATTEMPTS: Final = 4
FIRST_PAUSE_S: Final = 2.0
"""Before a build that met a lock or a lost connection is tried again; doubled each time."""

_TRY_AGAIN: Final = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for transactions that were open before, and for one build, in seconds."""

    wait_s: float = 600.0
    build_s: float = 6 * 3600.0


def build(
    connection: Connection,
    recommendation: str,
    step: Step,
    undo: str,
    patience: Patience,
    on_step: Callable[[str], None],
) -> None:
    """Carry out one step and write it down; raise EngineError with nothing invalid left where it can't be done."""
    for attempt in range(1, ATTEMPTS + 1):
        wait_for_old_transactions(connection, patience, on_step)
        number = begin(connection, recommendation, step.index, step.statement, undo)
        try:
            with _watched(connection, on_step):
                _run(connection, step, patience)
        except psycopg.Error as error:
            said = (error.diag.message_primary or str(error)).strip()
            if connection.closed:
                raise EngineError(
                    "the connection was lost during a build",
                    detail=said,
                    hint="run the same command again: the journal knows what was begun, and mends it first",
                ) from error
            remove_invalid(connection, step.index)
            note(connection, number, "failed", error=said)
            if isinstance(error, _TRY_AGAIN) and attempt < ATTEMPTS:
                pause_s = FIRST_PAUSE_S * 2 ** (attempt - 1)
                on_step(f"{said}; trying again in {pause_s:.0f} s")
                time.sleep(pause_s)
                continue
            raise EngineError(f"could not build {'.'.join(step.index)}", detail=said, hint=_hint(error)) from error
        except BaseException:  # Ctrl-C: the statement was cancelled, and its carcass must go before we do
            with suppress(psycopg.Error):
                remove_invalid(connection, step.index)
                note(connection, number, "failed", error="interrupted")
            raise
        made = find_index(connection, step.index)
        note(connection, number, "built", definition=made.definition if made is not None else "")
        return


def wait_for_old_transactions(connection: Connection, patience: Patience, on_step: Callable[[str], None]) -> None:
    """Return when no transaction is older than OLD_S; raise EngineError that names them after `wait_s`."""
    begun = time.monotonic()
    while blockers := find_blockers(connection, OLD_S + time.monotonic() - begun):
        if time.monotonic() - begun > patience.wait_s:
            raise EngineError(
                "transactions that were open before have not ended",
                detail="; ".join(map(str, blockers)),
                hint="end them (`SELECT pg_terminate_backend(PID)`, ROLLBACK PREPARED), or wait longer with --wait",
            )
        on_step(f"waits for {blockers[0]}")
        time.sleep(POLL_S)


def remove_invalid(connection: Connection, index: tuple[str, str]) -> bool:
    """Drop an index that is there and not valid; tell whether it was."""
    made = find_index(connection, index) if index[1] else None
    if made is None or made.is_valid or _is_partitioned(connection, index):
        return False
    connection.execute("SET lock_timeout = 0")
    connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(index[0])}.{quote(index[1])}".encode())
    return True


def _is_partitioned(connection: Connection, index: tuple[str, str]) -> bool:
    """Tell whether an index is one on a partitioned table, which is not valid until its last part is attached."""
    row = connection.execute(
        "SELECT c.relkind = 'I' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        index,
    ).fetchone()
    return row == (True,)


def _run(connection: Connection, step: Step, patience: Patience) -> None:
    set_to = sql.SQL("SET {} = {}")
    lock_ms, build_ms = (sql.Literal(f"{round(1000 * one)}ms") for one in (patience.wait_s, patience.build_s))
    connection.execute(set_to.format(sql.Identifier("lock_timeout"), lock_ms))
    connection.execute(set_to.format(sql.Identifier("statement_timeout"), build_ms))
    try:
        connection.execute(step.statement.encode())
    finally:
        if not connection.closed:
            connection.execute("SET statement_timeout = 0")
    made = find_index(connection, step.index) if step.index[1] else None
    if made is not None and not made.is_valid and not _is_partitioned(connection, step.index):
        raise psycopg.errors.ObjectNotInPrerequisiteState("the index is there and not valid")


@contextmanager
def _watched(connection: Connection, on_step: Callable[[str], None]) -> Iterator[None]:
    """Tell how far the build is, from a second connection, until the block ends."""
    over = threading.Event()
    info, pid = connection.info, connection.info.backend_pid

    def watch() -> None:
        with suppress(psycopg.Error), psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
            said = ""
            while not over.wait(POLL_S):
                now = progress_of(other, pid)
                if now and now != said:
                    on_step(now)
                said = now

    watcher = threading.Thread(target=watch, name="progress of the build", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _hint(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.DiskFull):
        return "nothing of it was left; make room for the index and its sort, and run the same command again"
    if isinstance(error, psycopg.errors.UniqueViolation):
        return "nothing of it was left; the values are not unique (any more)"
    return "nothing of it was left; run the same command again when the cause is gone"
