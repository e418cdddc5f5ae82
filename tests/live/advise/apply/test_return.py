"""Whatever cuts a command short: no invalid index stays, the journal is true, and --undo returns to the start."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.live.advise.apply.dump import dump_schema
from tests.live.advise.apply.killing import interrupt_while_it_waits, kill_while_it_waits
from tests.live.advise.apply.test_apply import PATIENT, Advised, Indexes

from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.journal import entries
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection

pytestmark = pytest.mark.live

Dump = Callable[[], str]


@pytest.fixture
def schema(server: ScratchServer, dsn: str, connection: Connection) -> Dump:
    connection.execute("CREATE INDEX twice ON orders (total)")
    return lambda: dump_schema(server, dsn)


def dropping(one: Recommendation) -> Recommendation:
    return replace(
        one,
        kind="drop index",
        name="twice",
        undo="CREATE INDEX CONCURRENTLY twice ON public.orders USING btree (total)",
        steps=(Step('DROP INDEX CONCURRENTLY "public"."twice"', ("public", "twice")),),
    )


def check_the_start(dsn: str, connection: Connection, schema: Dump, indexes: Indexes, start: str) -> None:
    """Undo, and compare with the start: the schema, the validity of every index, the open lines of the journal."""
    undo(dsn, PATIENT)
    assert schema() == start
    assert all(indexes().values())
    assert not entries(connection, "building", "undoing", "built")


def test_a_killed_build(dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump) -> None:
    start, one = schema(), advised("orders", "customer")
    kill_while_it_waits(dsn, "apply", one)
    assert indexes()[one.name] is False  # what everybody else leaves
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_killed_build_that_is_resumed(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, one = schema(), advised("orders", "customer")
    kill_while_it_waits(dsn, "apply", one)
    assert apply(dsn, [one], PATIENT).done == (one.name,)
    assert all(indexes().values())
    assert [entry.state for entry in entries(connection, "failed", "built")] == ["failed", "built"]
    check_the_start(dsn, connection, schema, indexes, start)


def test_an_interrupted_build_leaves_nothing_itself(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, before = schema(), indexes()
    interrupt_while_it_waits(dsn, "apply", advised("orders", "customer"))
    assert (indexes(), schema()) == (before, start)
    (entry,) = entries(connection, "failed", "building", "built")
    assert (entry.state, entry.error) == ("failed", "interrupted")
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_dropped_index_that_somebody_made_again_counts_as_taken_back(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, drop = schema(), dropping(advised("orders", "total"))
    apply(dsn, [drop], PATIENT)
    connection.execute(drop.undo.encode())
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_killed_drop_is_finished_and_comes_back(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start = schema()
    kill_while_it_waits(dsn, "apply", dropping(advised("orders", "total")))
    assert indexes()["twice"] is False
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_killed_undo_of_a_build(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, one = schema(), advised("orders", "customer")
    apply(dsn, [one], PATIENT)
    kill_while_it_waits(dsn, "undo")
    assert indexes()[one.name] is False
    check_the_start(dsn, connection, schema, indexes, start)
    assert [entry.state for entry in entries(connection, "undone")] == ["undone"]


def test_a_killed_undo_of_a_drop(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start = schema()
    apply(dsn, [dropping(advised("orders", "total"))], PATIENT)
    kill_while_it_waits(dsn, "undo")
    assert indexes()["twice"] is False
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_killed_build_on_partitions(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, before = schema(), len(indexes())
    kill_while_it_waits(dsn, "apply", advised("events", "kind"), "events_2b")
    assert len(indexes()) > before
    check_the_start(dsn, connection, schema, indexes, start)


def test_a_killed_build_on_partitions_that_is_resumed(
    dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump
) -> None:
    start, one = schema(), advised("events", "kind")
    kill_while_it_waits(dsn, "apply", one, "events_2b")
    apply(dsn, [one], PATIENT)
    assert all(indexes().values())
    check_the_start(dsn, connection, schema, indexes, start)


def test_everything_at_once(dsn: str, connection: Connection, advised: Advised, indexes: Indexes, schema: Dump) -> None:
    start = schema()
    changes = [advised("orders", "customer"), advised("events", "kind"), dropping(advised("orders", "total"))]
    apply(dsn, changes, PATIENT)
    assert schema() != start
    check_the_start(dsn, connection, schema, indexes, start)
