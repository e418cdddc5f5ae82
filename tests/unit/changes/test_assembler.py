"""Messages become committed transactions, and rows the keys that they make stale."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.changes import messages as wire

from candlefish.changes.assembler import Assembler
from candlefish.changes.change import Change, Invalidations
from candlefish.changes.stale import MAX_NAMES
from candlefish.client.rules import make_rules
from candlefish.errors import EngineError

USERS, OTHER = 9, 10
COLUMNS = {"id": wire.INT, "org": wire.INT, "name": wire.TEXT}
FULL = wire.relation(USERS, "public.users", COLUMNS)
BY_KEY = wire.relation(USERS, "public.users", COLUMNS, "d", ("id",))
RULE: Mapping[str, Any] = {"table": "users", "keys": ["user:{id}"]}


def assemble(*payloads: bytes, rule: Mapping[str, Any] = RULE, most: int = MAX_NAMES) -> Change:
    assembler = Assembler(make_rules({"rule": [rule]}), {}, most)
    for payload in (wire.begin(5), *payloads):
        assert assembler.feed(payload) is None
    change = assembler.feed(wire.commit(100, 110, 1_000_000))
    assert change is not None
    return change


def keys(*payloads: bytes, **settings: Any) -> tuple[str, ...]:
    invalidations = assemble(*payloads, **settings).invalidations
    assert not invalidations.everything, invalidations.reason
    return (*invalidations.keys, *invalidations.tags)


def reason(*payloads: bytes, **settings: Any) -> str:
    invalidations = assemble(*payloads, **settings).invalidations
    assert invalidations == Invalidations(everything=True, reason=invalidations.reason)
    return invalidations.reason


def test_a_change_is_a_whole_transaction() -> None:
    change = assemble(FULL, wire.insert(USERS, "1", "2", None), wire.insert(USERS, "1", "2", None))
    committed_at = datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert change == Change(5, 100, 110, committed_at, 2, Invalidations(("user:1",)))


def test_old_and_new_row_both_give_keys() -> None:
    rule = {**RULE, "tags": ["org:{org}"]}
    moved = wire.update(USERS, ("1", "3", "a"), ("1", "2", "a"))
    assert keys(FULL, moved, rule=rule) == ("user:1", "org:2", "org:3")
    assert keys(FULL, wire.delete(USERS, "1", "2", "a"), rule=rule) == ("user:1", "org:2")


def test_with_the_primary_key_alone_an_old_row_comes_when_the_key_changes() -> None:
    assert keys(BY_KEY, wire.update(USERS, ("1", "3", "a"))) == ("user:1",)
    assert keys(BY_KEY, wire.update(USERS, ("4", "3", "a"), ("1", None, None), "K")) == ("user:1", "user:4")
    assert keys(BY_KEY, wire.delete(USERS, "1", None, None, kind="K")) == ("user:1",)


def test_an_update_counts_only_when_a_named_column_or_a_key_changes() -> None:
    rule = {**RULE, "columns": ["name"]}
    assert keys(FULL, wire.update(USERS, ("1", "3", "a"), ("1", "2", "a")), rule=rule) == ()
    assert keys(FULL, wire.update(USERS, ("1", "2", wire.UNCHANGED), ("1", "2", "a")), rule=rule) == ()
    assert keys(FULL, wire.update(USERS, ("1", "2", "b"), ("1", "2", "a")), rule=rule) == ("user:1",)
    assert keys(FULL, wire.update(USERS, ("1", "2", None), ("1", "2", "")), rule=rule) == ("user:1",)
    assert keys(FULL, wire.update(USERS, ("2", "2", "a"), ("1", "2", "a")), rule=rule) == ("user:1", "user:2")
    assert keys(BY_KEY, wire.update(USERS, ("1", "2", "a")), rule={**RULE, "columns": ["id"]}) == ()


def test_a_large_value_that_was_not_sent_again_is_taken_from_the_old_row() -> None:
    rule = {"table": "users", "keys": ["name:{name}"]}
    assert keys(FULL, wire.update(USERS, ("1", "3", wire.UNCHANGED), ("1", "2", "a")), rule=rule) == ("name:a",)


def test_old_rows_that_lack_a_column_of_a_key_make_everything_stale() -> None:
    rule = {**RULE, "tags": ["org:{org}"]}
    assert keys(BY_KEY, wire.insert(USERS, "1", "2", "a"), rule=rule) == ("user:1", "org:2")
    assert "lack org" in reason(BY_KEY, wire.update(USERS, ("1", "2", "a")), rule=rule)
    assert "lack org" in reason(BY_KEY, wire.delete(USERS, "1", None, None, kind="K"), rule=rule)


def test_a_partition_without_whole_old_rows_makes_everything_stale() -> None:
    assert "not whole" in reason(FULL, wire.delete(USERS, "1", None, None, kind="K"))


def test_a_column_that_is_gone_makes_everything_stale() -> None:
    renamed = wire.relation(USERS, "public.users", {"number": wire.INT})
    assert "has no column id" in reason(renamed, wire.insert(USERS, "1"))


def test_a_truncated_table_makes_everything_stale() -> None:
    insert = wire.insert(USERS, "1", "2", "a")
    assert reason(FULL, wire.truncate(USERS), insert) == "public.users was truncated"


def test_a_table_without_a_rule_makes_nothing_stale() -> None:
    other = wire.relation(OTHER, "public.other", COLUMNS)
    assert keys(other, wire.insert(OTHER, "1", "2", "a"), wire.truncate(OTHER)) == ()


def test_a_transaction_with_too_many_keys_makes_everything_stale() -> None:
    rows = [wire.insert(USERS, str(number), "2", "a") for number in range(4)]
    assert len(keys(FULL, *rows[:3], most=3)) == 3
    assert "more than 3" in reason(FULL, *rows, most=3)


def test_a_stream_out_of_order_is_refused() -> None:
    assembler = Assembler(make_rules({"rule": [RULE]}), {})
    with pytest.raises(EngineError, match="not begun"):
        assembler.feed(wire.commit())
    with pytest.raises(EngineError, match="not described"):
        assembler.feed(wire.insert(USERS, "1"))
