"""Open transactions: named with pid, application and age, waited for, given up on; and nobody waits behind the wait."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from tests.live.advise.apply.killing import wait_until
from tests.live.advise.apply.test_apply import Advised, Indexes

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.journal import entries
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError

pytestmark = pytest.mark.live

OPEN_S = float(os.environ.get("CANDLEFISH_TEST_OPEN_S", "6"))
"""How long the transaction is open; a run by hand may say 60."""

WRITE = "INSERT INTO events VALUES ('2026-02-03', 1)"


@contextmanager
def writer(dsn: str, *statements: str) -> Iterator[Connection]:
    """Hold a transaction open that has written, as an application with a name."""
    with psycopg.connect(dsn, application_name="nightly report") as other:
        for statement in statements:
            other.execute(statement.encode())
        yield other


@contextmanager
def applying(
    dsn: str, one: Recommendation, patience: Patience, said: list[str], what: Callable[..., object] = apply
) -> Iterator[list[BaseException]]:
    """Apply (or undo) in a thread while the block runs; give what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            if what is apply:
                apply(dsn, [one], patience, said.append)
            else:
                undo(dsn, patience, on_step=said.append)
        except EngineError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield raised
    thread.join()


def ask_meanwhile(dsn: str, until: float, *statements: str) -> int:
    """Read and write in turn until a moment, each statement within the lock timeout; return how often."""
    asked = 0
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SET lock_timeout = '5s'")  # more than a short wait of ours, less than that for a transaction
        while time.monotonic() < until:
            for statement in statements:
                other.execute(statement.encode())
                asked += 1
            time.sleep(0.1)
    return asked


@pytest.mark.slow
def test_an_old_transaction_is_named_and_waited_for_and_nobody_waits_behind(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    one, said = advised("orders", "customer"), list[str]()
    with writer(dsn, "UPDATE orders SET note = 'x' WHERE id = 1") as other:
        pid = other.info.backend_pid
        time.sleep(2.5)  # older than what a build itself waits for
        with applying(dsn, one, Patience(wait_s=OPEN_S + 60), said) as raised:
            until = time.monotonic() + OPEN_S
            asked = ask_meanwhile(
                dsn, until, "SELECT count(*) FROM orders", "UPDATE orders SET note = 'y' WHERE id = 2"
            )
            assert one.name not in indexes()
            other.rollback()
    assert raised == []
    assert asked > OPEN_S
    assert any(f"waits for pid {pid} of postgres (nightly report): open for " in text for text in said)
    assert any(text.startswith("goes on after ") for text in said)
    assert indexes()[one.name]


def test_a_shorter_wait_gives_up_with_nothing_left(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    before, said = indexes(), list[str]()
    with writer(dsn, "UPDATE orders SET note = 'x' WHERE id = 1") as other:
        time.sleep(2.5)
        with pytest.raises(EngineError) as raised:
            apply(dsn, [advised("orders", "customer")], Patience(wait_s=1.0), said.append)
        assert f"pid {other.info.backend_pid} of postgres (nightly report): open for " in raised.value.detail
        assert "longer with --wait" in raised.value.hint
        assert indexes() == before
        assert [entry.state for entry in entries(connection, "failed")] == ["failed"]


@pytest.mark.slow
@pytest.mark.parametrize("what", [apply, undo])
def test_on_a_partitioned_table_nobody_waits_long_behind_a_step_that_waits(
    what: Callable[..., object], dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    """Its first step, and its undo, take locks that writers (and readers) have to wait for."""
    before, one, said = indexes(), advised("events", "kind"), list[str]()
    if what is undo:
        apply(dsn, [one], Patience(wait_s=60))
    # the transaction is young: it is not waited for before, and stays
    with writer(dsn, WRITE) as other, applying(dsn, one, Patience(wait_s=60), said, what) as raised:
        wait_until(lambda: any("trying again" in text or text.startswith("waits for") for text in said))
        assert ask_meanwhile(dsn, time.monotonic() + OPEN_S, WRITE, "SELECT count(*) FROM events") > OPEN_S
        other.rollback()
    assert raised == []
    assert (indexes() == before) is (what is undo)
    assert all(indexes().values())


def test_a_transaction_that_comes_while_it_builds_is_named_too(dsn: str, advised: Advised, indexes: Indexes) -> None:
    one, said = advised("orders", "customer"), list[str]()
    update = "UPDATE orders SET note = 'x' WHERE id = 1"
    with writer(dsn, update) as other, applying(dsn, one, Patience(wait_s=60), said) as raised:
        wait_until(lambda: any("waits for pid" in text for text in said))
        other.rollback()
    assert raised == []
    assert any("waits for pid" in text and "(nightly report)" in text for text in said)
    assert indexes()[one.name]
