"""One statement that changes the schema, run so that nobody waits behind it, and again where that helps."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

import psycopg
from psycopg import sql

from candlefish.advise.apply.progress import watched
from candlefish.advise.apply.waiting import wait_for_old_transactions
from candlefish.advise.plans.explain import Connection

ATTEMPTS: Final = 4
FIRST_PAUSE_S: Final = 2.0
"""Before a statement that met a lock or a deadlock is run again; doubled each time, up to"""

LONGEST_PAUSE_S: Final = 8.0
"""this."""

SHORT_LOCK_S: Final = 2.0
"""How long a statement may stand in a lock queue that is not concurrent (those of partitioned tables): whoever reads or
writes the table comes after it and waits too. A transaction that is older than OLD_S was waited for before."""

_CONCURRENT: Final = re.compile(r"(?:CREATE (?:UNIQUE )?|DROP |RE)INDEX (?:INDEX )?CONCURRENTLY ")

_TRY_AGAIN: Final = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for transactions and locks, and for the statement itself, in seconds."""

    wait_s: float
    run_s: float


def run_patiently(
    connection: Connection,
    statement: str,
    limits: Limits,
    on_step: Callable[[str], None],
    clean: Callable[[], object],
) -> int:
    """Run a statement until it is done; return the number of attempts.

    `clean` removes what a failed attempt left, and runs before the next one. Raises what the last attempt raised, and
    EngineError where transactions that were open before do not end.
    """
    until, is_concurrent = time.monotonic() + limits.wait_s, _CONCURRENT.match(statement) is not None
    lock_s = limits.wait_s if is_concurrent else min(limits.wait_s, SHORT_LOCK_S)
    for attempt in count(1):
        wait_for_old_transactions(connection, limits.wait_s, on_step)
        try:
            with watched(connection, on_step):
                _run(connection, statement, lock_s, limits.run_s)
        except _TRY_AGAIN as error:
            if attempt >= ATTEMPTS and (is_concurrent or time.monotonic() > until):
                raise
            with watched(connection, on_step):
                clean()
            pause_s = min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S)
            on_step(f"{error.diag.message_primary or error}; trying again in {pause_s:.0f} s")
            time.sleep(pause_s)
        else:
            return attempt
    raise AssertionError  # count() has no end


def _run(connection: Connection, statement: str, lock_s: float, run_s: float) -> None:
    for name, seconds in (("lock_timeout", lock_s), ("statement_timeout", run_s)):
        setting = sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(f"{max(round(1000 * seconds), 1)}ms"))
        connection.execute(setting)
    try:
        connection.execute(statement.encode())
    finally:
        if not connection.closed:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET lock_timeout = 0")
