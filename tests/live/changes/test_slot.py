"""What is missing is said before it is made, and what was made can be undone."""

import pytest
from tests.live.changes.conftest import Execute

from candlefish.changes.slot import drop, fetch_status, prepare, preview
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.rules import Rule, make_rules
from candlefish.errors import CheckFailed, EngineError

pytestmark = pytest.mark.live


def test_a_preview_makes_nothing_and_says_what_would_be_made(bare: Source, rules: tuple[Rule, ...]) -> None:
    wanted = (
        f"create the publication {bare.publication} of public.users, public.notes",
        f"create the slot {bare.slot}",
    )
    assert preview(bare, rules).texts == wanted
    assert not fetch_status(bare).exists
    assert prepare(bare, rules).texts == wanted
    assert preview(bare, rules).texts == ()
    assert fetch_status(bare).exists
    assert drop(bare) == (f"slot {bare.slot}", f"publication {bare.publication}")
    assert drop(bare) == ()
    assert not fetch_status(bare).exists


WRONG = {
    "public.nobody": ("id", "there is no such table", ""),
    "public.users": ("nme", "sends no column nme; did you mean name?", ""),
    "public.notes": ("body", "the old rows of notes lack body", "alter table notes replica identity full"),
    "public.keyless": ("id", "keyless has no replica identity", "alter table keyless replica identity full"),
    "public.unlogged": ("id", "unlogged is not logged", ""),
    "public.seen": ("id", "seen is no table", ""),
    "public.doubled": ("twice", "sends no column twice", ""),
}


@pytest.mark.parametrize("table", WRONG)
async def test_a_rule_that_does_not_fit_is_refused_with_the_way_out(bare: Source, execute: Execute, table: str) -> None:
    execute("create table keyless (id int); create unlogged table unlogged (id int primary key)")
    execute("create view seen as select 1 as id")
    execute("create table doubled (id int primary key, twice int generated always as (id * 2) stored)")
    column, message, hint = WRONG[table]
    rules = make_rules({"rule": [{"table": table, "keys": [f"key:{{{column}}}"]}]})
    with pytest.raises(CheckFailed) as caught:
        await anext(ChangeStream(bare, rules).batches())
    assert message in caught.value.detail
    assert hint in caught.value.hint
    assert not fetch_status(bare).exists


def test_a_slot_of_something_else_is_left_alone(bare: Source, rules: tuple[Rule, ...], execute: Execute) -> None:
    execute("select pg_create_logical_replication_slot(%s, 'test_decoding')", bare.slot)
    with pytest.raises(EngineError, match="belongs to something else"):
        prepare(bare, rules)
    assert fetch_status(bare).exists
    execute("select pg_drop_replication_slot(%s)", bare.slot)


def test_a_publication_that_leaves_changes_out_is_refused(
    bare: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute(f"create publication {bare.publication} for all tables with (publish = 'insert')")
    with pytest.raises(EngineError, match="leaves changes out"):
        prepare(bare, rules)
    execute(f"drop publication {bare.publication}")
