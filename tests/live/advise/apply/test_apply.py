"""Advice applied, interrupted, and taken back: no invalid index stays, and the journal says what is."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.live.advise.apply.killing import command, transaction, wait_until

from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.journal import entries
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError, UsageError

pytestmark = pytest.mark.live

Advised = Callable[..., Recommendation]
Indexes = Callable[[], dict[str, bool]]

PATIENT = Patience(wait_s=60)


def test_what_was_applied_is_valid_in_the_journal_and_gone_after_undo(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    before, one = indexes(), advised("orders", "customer", "total")
    assert apply(dsn, [one], PATIENT).done == (one.name,)
    assert indexes() == before | {one.name: True}
    (entry,) = entries(connection, "built")
    assert entry.definition.startswith(f"CREATE INDEX {one.name} ON public.orders")
    assert undo(dsn, PATIENT).done == (one.name,)
    assert indexes() == before
    assert not entries(connection, "built", "building", "undoing", "failed")


def test_applied_twice_is_done_once(dsn: str, advised: Advised) -> None:
    one = advised("orders", "customer")
    apply(dsn, [one], PATIENT)
    assert apply(dsn, [one], PATIENT).skipped == (one.name,)


def test_a_partitioned_table_gets_a_whole_index_and_loses_it_again(
    dsn: str, advised: Advised, indexes: Indexes
) -> None:
    before, one = indexes(), advised("events", "kind")
    apply(dsn, [one], PATIENT)
    assert len(indexes()) == len(before) + 5
    assert all(indexes().values())
    undo(dsn, PATIENT)
    assert indexes() == before


def test_a_dropped_index_comes_back(dsn: str, connection: Connection, advised: Advised, indexes: Indexes) -> None:
    connection.execute("CREATE INDEX twice ON orders (total)")
    before = indexes()
    drop = replace(
        advised("orders", "total"),
        kind="drop index",
        undo="CREATE INDEX CONCURRENTLY twice ON public.orders USING btree (total)",
        steps=(Step("DROP INDEX CONCURRENTLY public.twice", ("public", "twice")),),
    )
    apply(dsn, [drop], PATIENT)
    assert "twice" not in indexes()
    undo(dsn, PATIENT)
    assert indexes() == before


def test_an_open_transaction_is_named_and_waited_for(dsn: str, advised: Advised, indexes: Indexes) -> None:
    said: list[str] = []
    one = advised("orders", "customer")
    with transaction(dsn) as other:
        time.sleep(2.5)  # older than what a build itself waits for
        timer = threading.Timer(3.0, other.rollback)
        timer.start()
        apply(dsn, [one], PATIENT, said.append)
        timer.join()
        assert any(f"waits for pid {other.info.backend_pid}" in text for text in said)
    assert indexes()[one.name]


def test_a_transaction_that_does_not_end_stops_it_with_nothing_left(
    dsn: str, advised: Advised, indexes: Indexes
) -> None:
    before = indexes()
    with transaction(dsn) as other:
        time.sleep(2.5)
        with pytest.raises(EngineError) as raised:
            apply(dsn, [advised("orders", "customer")], Patience(wait_s=1.5))
        assert f"pid {other.info.backend_pid}" in raised.value.detail
    assert indexes() == before


def test_a_transaction_that_comes_meanwhile_makes_it_try_again(dsn: str, advised: Advised, indexes: Indexes) -> None:
    one, said = advised("orders", "customer"), list[str]()
    with transaction(dsn) as other:  # young enough not to be waited for before the build
        timer = threading.Timer(4.0, other.rollback)
        timer.start()
        apply(dsn, [one], Patience(wait_s=1.0, build_s=60), said.append)
        timer.join()
    assert any("trying again" in text for text in said)
    assert indexes()[one.name]
    assert all(indexes().values())


def test_values_that_are_not_unique_leave_nothing_behind(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    before = indexes()
    with pytest.raises(EngineError) as raised:
        apply(dsn, [advised("orders", "customer", unique=True)], PATIENT)
    assert "could not create unique index" in raised.value.detail
    assert indexes() == before
    assert [entry.state for entry in entries(connection, "failed")] == ["failed"]


def test_two_at_once_are_one(dsn: str, connection: Connection, advised: Advised, indexes: Indexes) -> None:
    before = indexes()
    with transaction(dsn) as other:
        first = threading.Thread(target=apply, args=(dsn, [advised("orders", "customer")], PATIENT))
        first.start()
        wait_until(lambda: connection.execute("SELECT pid FROM pg_stat_progress_create_index").fetchone())
        with pytest.raises(UsageError) as raised:
            apply(dsn, [advised("orders", "total")], PATIENT)
        other.rollback()
        first.join()
    assert "by pid " in raised.value.detail
    assert all(indexes().values())
    undo(dsn, PATIENT)
    assert indexes() == before
    assert not entries(connection, "building", "undoing", "built")


def test_a_killed_client_whose_server_goes_on_holds_its_place_and_is_mended_later(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    before, one = indexes(), advised("orders", "customer")
    with transaction(dsn) as other, subprocess.Popen(command(dsn, "apply", one)) as program:
        wait_until(lambda: one.name in indexes())  # the build waits for the open transaction
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        with pytest.raises(UsageError) as raised:
            undo(dsn, PATIENT)
        assert "advice is being applied" in raised.value.message  # the server holds the lock for it
        other.rollback()
        builder = "SELECT pid FROM pg_stat_progress_create_index"
        wait_until(lambda: connection.execute(builder).fetchone() is None)
    assert undo(dsn, PATIENT).mended
    assert indexes() == before
    assert not entries(connection, "building", "undoing", "built")
