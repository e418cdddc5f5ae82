from typing import Any

import pytest
from tests.unit.advise.lints.made_up import MB, database, facts, index, orders

from candlefish.advise.index.definition import ExistingIndex, Key
from candlefish.advise.lints.redundant import check_redundant


def dropped(*indexes: ExistingIndex, gone: frozenset[int] = frozenset(), **more: Any) -> list[str]:
    return [drop.name for drop in check_redundant(database(orders(*indexes)), facts(**more), gone).drops]


def test_a_plain_index_whose_key_begins_a_unique_one_goes_and_the_unique_one_stays() -> None:
    found = check_redundant(
        database(orders(index("plain", "tenant_id"), index("uq", "tenant_id", "user_id", unique=True))), facts()
    )
    (drop,) = found.drops
    assert drop.name == "plain"
    assert "redundant" in drop.reason
    assert "uq" in drop.reason
    assert "stays because it is unique" in drop.reason


def test_a_unique_index_is_never_redundant_beside_a_wider_one() -> None:
    assert dropped(index("uq", "tenant_id", unique=True), index("wide", "tenant_id", "user_id")) == []


def test_a_covering_index_several_times_as_large_is_told_and_nothing_is_dropped() -> None:
    narrow, wide = index("narrow", "user_id"), index("wide", "user_id", "status", "note", size_bytes=5 * MB)
    found = check_redundant(database(orders(narrow, wide)), facts())
    assert (found.drops, [one.severity for one in found.findings]) == ((), ["info"])
    assert "5.0 times" in found.findings[0].hint


def test_the_same_keys_read_backward_serve_as_well() -> None:
    narrow = index("narrow", Key("user_id", descending=True))
    assert dropped(narrow, index("wide", "user_id", "status")) == ["narrow"]
    mixed = index("mixed", "user_id", Key("status", descending=True))
    assert dropped(mixed, index("wide", "user_id", "status", "note")) == []
    turned = index("turned", Key("user_id", descending=True), "status", "note")
    assert dropped(mixed, turned) == ["mixed"]


def test_of_two_that_serve_each_other_one_stays() -> None:
    assert len(dropped(index("up", "user_id"), index("down", Key("user_id", descending=True)))) == 1


def test_nulls_at_the_wrong_end_are_another_order() -> None:
    assert dropped(index("a", Key("user_id", nulls_first=True)), index("b", "user_id", "status")) == []
    backward = index("b", Key("user_id", descending=True, nulls_first=False), "status")
    assert dropped(index("a", Key("user_id", nulls_first=True)), backward) == ["a"]


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (index("a", Key("note", opclass="text_pattern_ops")), index("b", "note", "status")),
        (index("a", Key("note", collation='"C"')), index("b", "note", "status")),
        (index("a", "user_id"), index("b", "user_id", "status", where="status = 1")),
        (index("a", "user_id", where="status = 1"), index("b", "user_id", "status")),
        (index("a", "user_id"), index("b", "status", "user_id")),
        (index("a", "user_id", method="hash"), index("b", "user_id", "status")),
        (index("a", "user_id"), index("b", "user_id", "status", method="gist")),
        (index("a", "user_id", include=("note",)), index("b", "user_id", "status")),
        (index("a", Key(expression="lower(note)")), index("b", Key(expression="upper(note)"), "status")),
    ],
)
def test_what_the_other_index_can_not_serve_is_not_redundant(narrow: ExistingIndex, wide: ExistingIndex) -> None:
    assert dropped(narrow, wide) == []


def test_included_columns_may_be_keys_of_the_other() -> None:
    narrow = index("a", "user_id", include=("note",))
    assert dropped(narrow, index("b", "user_id", "note")) == ["a"]
    assert dropped(index("c", "user_id"), index("d", "user_id", include=("note",))) == ["c"]


def test_partial_indexes_of_the_same_rows_are_compared() -> None:
    pair = (index("a", "user_id", where="status = 1"), index("b", "user_id", "note", where="status = 1"))
    assert dropped(*pair) == ["a"]


def test_nothing_goes_for_an_index_that_goes_itself() -> None:
    wide = index("wide", "user_id", "status")
    assert dropped(index("a", "user_id"), wide, gone=frozenset({wide.oid})) == []
    assert dropped(index("a", "user_id"), index("b", "user_id", "status", valid=False)) == []


def test_a_chain_keeps_its_widest_and_names_it() -> None:
    chain = (index("a", "user_id"), index("b", "user_id", "status"), index("c", "user_id", "status", "note"))
    drops = check_redundant(database(orders(*chain)), facts()).drops
    assert sorted(drop.name for drop in drops) == ["a", "b"]
    assert all("keys of c " in drop.reason for drop in drops)


@pytest.mark.parametrize("why", [{"constraint": "k"}, {"is_replica_identity": True}, {"parent": "whole"}])
def test_what_something_hangs_on_stays(why: dict[str, Any]) -> None:
    assert dropped(index("a", "user_id", **why), index("b", "user_id", "status")) == []
