"""A program that applies or undoes advice, killed in the middle, and what it had begun ended too."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import psycopg

from candlefish.advise.advice import Recommendation

PROGRAM = """
import json, signal, sys
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.statements import Table
what, dsn, words = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)  # which whoever started the tests may have set to be ignored
if what == "undo":
    undo(dsn, Patience(wait_s=60))
else:
    facts = json.loads(words)
    steps = tuple(Step(one["statement"], tuple(one["index"])) for one in facts.pop("steps"))
    one = Recommendation(**{**facts, "table": Table(**facts["table"]), "effects": (), "steps": steps})
    apply(dsn, [one], Patience(wait_s=60))
"""

WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'candlefish advise --apply' AND wait_event_type = 'Lock'"
)

DROPPING = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'candlefish advise --apply' AND query LIKE 'DROP INDEX%'"
)


@contextmanager
def transaction(dsn: str, table: str = "orders") -> Iterator[psycopg.Connection]:
    """Hold a transaction open that has read a table and keeps its snapshot."""
    with psycopg.connect(dsn) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute(f"SELECT count(*) FROM {table}".encode())
        yield other


def command(dsn: str, what: str, one: Recommendation | None = None) -> list[str]:
    """Return the words that start the program."""
    return [sys.executable, "-c", PROGRAM, what, dsn, json.dumps(asdict(one)) if one is not None else ""]


def kill_while_it_waits(dsn: str, what: str, one: Recommendation | None = None, table: str = "orders") -> None:
    """Start the program, kill it and its backend once the server waits for an open transaction, and let that end."""
    with (
        psycopg.connect(dsn, autocommit=True) as looking,
        transaction(dsn, table) as other,
        subprocess.Popen(command(dsn, what, one)) as program,
    ):
        wait_until(lambda: looking.execute(WAITING.encode()).fetchone())
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        looking.execute(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting".encode())
        wait_until(lambda: looking.execute(WAITING.encode()).fetchone() is None)
        other.rollback()


def interrupt_while_it_waits(dsn: str, what: str, one: Recommendation | None = None) -> None:
    """Start the program, press Ctrl-C once the server waits for an open transaction, and let that end."""
    with (
        psycopg.connect(dsn, autocommit=True) as looking,
        transaction(dsn) as other,
        subprocess.Popen(command(dsn, what, one), stderr=subprocess.DEVNULL) as program,
    ):
        wait_until(lambda: looking.execute(WAITING.encode()).fetchone())
        os.kill(program.pid, signal.SIGINT)
        wait_until(lambda: looking.execute(DROPPING).fetchone())  # what it left, which waits for the same transaction
        other.rollback()
        assert program.wait(timeout=60) != 0


def wait_until(holds: Callable[[], object], timeout_s: float = 30.0) -> None:
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
