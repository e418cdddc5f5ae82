"""What REINDEX CONCURRENTLY leaves when it is killed: its passing index, which the next command removes."""

import threading
from dataclasses import replace

import pytest
from tests.live.advise.apply.killing import kill_while_it_waits, transaction
from tests.live.advise.apply.test_apply import PATIENT, Advised, Indexes

from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.journal import entries
from candlefish.advise.apply.leftovers import is_passing
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError

pytestmark = pytest.mark.live

NAME = 'total "of" orders'


@pytest.fixture
def rebuild(connection: Connection, advised: Advised) -> Recommendation:
    """The lint's recommendation for an index that is invalid; one of somebody else's is invalid beside it."""
    connection.execute('CREATE INDEX "total ""of"" orders" ON orders (total)')
    connection.execute("CREATE INDEX other_ccnew ON orders (note)")
    connection.execute(
        "UPDATE pg_index SET indisvalid = false"
        ' WHERE indexrelid IN (\'other_ccnew\'::regclass, \'"total ""of"" orders"\'::regclass)'
    )
    step = Step('REINDEX INDEX CONCURRENTLY "public"."total ""of"" orders"')
    return replace(advised("orders", "total"), kind="reindex", name=NAME, undo="", steps=(step,))


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_a_killed_rebuild_leaves_a_passing_index_that_the_next_command_removes(
    command: str, dsn: str, connection: Connection, indexes: Indexes, rebuild: Recommendation
) -> None:
    before = indexes()
    kill_while_it_waits(dsn, "apply", rebuild)
    assert indexes().keys() - before.keys() == {f"{NAME}_ccnew"}
    assert indexes()[f"{NAME}_ccnew"] is False
    done = apply(dsn, [rebuild], PATIENT) if command == "apply" else undo(dsn, PATIENT)
    assert done.mended == (f"{NAME}: an interrupted run left it invalid: it was removed",)
    assert indexes().keys() == before.keys()
    assert indexes()[NAME] is (command == "apply")
    assert indexes()["other_ccnew"] is False  # which was not ours to remove
    states = [entry.state for entry in entries(connection, "failed", "built", "building")]
    assert states == (["failed", "built"] if command == "apply" else ["failed"])


def test_a_rebuild_that_cannot_be_says_of_what_and_leaves_nothing(
    dsn: str, connection: Connection, indexes: Indexes, rebuild: Recommendation
) -> None:
    before = indexes()
    said: list[str] = []
    with transaction(dsn) as other:
        pid = other.info.backend_pid
        timer = threading.Timer(4.0, other.rollback)  # what is left can't go while its table is being read
        timer.start()
        with pytest.raises(EngineError) as raised:
            apply(dsn, [rebuild], Patience(wait_s=60, build_s=0.5), said.append)
        timer.join()
    assert any(f"waits for pid {pid}" in text for text in said)
    assert raised.value.message == f"could not rebuild public.{NAME}"
    assert "statement timeout" in raised.value.detail
    assert indexes() == before
    assert [entry.state for entry in entries(connection, "failed")] == ["failed"]


def test_a_rebuild_has_nothing_to_take_back(
    dsn: str, connection: Connection, indexes: Indexes, rebuild: Recommendation
) -> None:
    said: list[str] = []
    apply(dsn, [rebuild], PATIENT, said.append)
    assert any("for the new index beside the old one" in text for text in said)
    assert indexes()[NAME]
    assert undo(dsn, PATIENT).done == ()
    assert indexes()[NAME]
    assert not entries(connection, "built")


@pytest.mark.parametrize(
    ("name", "of", "passing"),
    [
        ("a_ccnew", "a", True),
        ("a_ccold12", "a", True),
        ("a_ccnew_ccnew", "a_ccnew", True),
        ("a_ccnew", "ab", False),  # not so long that PostgreSQL would have cut it
        ("b_ccnew", "a", False),
        ("a_ccnew", "a_ccnew", False),
        (f"{'a' * 57}_ccnew", "a" * 63, True),
    ],
)
def test_a_passing_name_is_known(name: str, of: str, passing: bool) -> None:
    assert is_passing(name, of) is passing
