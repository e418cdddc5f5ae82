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
import json, sys
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.statements import Table
what, dsn, words = sys.argv[1:]
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


@contextmanager
def transaction(dsn: str, table: str = "orders") -> Iterator[psycopg.Connection]:
    """Hold a transaction open that has read a table and keeps its snapshot."""
    with psycopg.connect(dsn) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute(f"SELECT count(*) FROM {table}".encode())
        yield other


def kill_while_it_waits(dsn: str, what: str, one: Recommendation | None = None, table: str = "orders") -> None:
    """Start the program, kill it and its backend once the server waits for an open transaction, and let that end."""
    words = json.dumps(asdict(one)) if one is not None else ""
    command = [sys.executable, "-c", PROGRAM, what, dsn, words]
    with (
        psycopg.connect(dsn, autocommit=True) as looking,
        transaction(dsn, table) as other,
        subprocess.Popen(command) as program,
    ):
        wait_until(lambda: looking.execute(WAITING.encode()).fetchone())
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        looking.execute(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting".encode())
        wait_until(lambda: looking.execute(WAITING.encode()).fetchone() is None)
        other.rollback()


def wait_until(holds: Callable[[], object], timeout_s: float = 30.0) -> None:
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
