from typing import Any

import pytest
from tests.unit.advise.lints.made_up import database, facts, index, orders, users

from candlefish.advise.index.definition import ExistingIndex, Key
from candlefish.advise.lints.duplicates import check_duplicates
from candlefish.advise.statements import Table


def dropped(*indexes: ExistingIndex, **more: Any) -> list[str]:
    return [drop.name for drop in check_duplicates(database(orders(*indexes)), facts(**more)).drops]


def test_of_two_plain_indexes_the_second_by_name_goes() -> None:
    assert dropped(index("b", "user_id"), index("a", "user_id")) == ["b"]


def test_the_unique_one_stays_and_so_does_the_primary_key() -> None:
    plain, unique = index("a", "id"), index("b", "id", unique=True)
    primary = index("pk", "id", unique=True, constraint="pk")
    assert dropped(plain, unique) == ["a"]
    assert sorted(dropped(plain, unique, primary, primary_keys=frozenset({primary.oid}))) == ["a", "b"]


def test_a_constraint_beside_the_primary_key_is_told_and_not_dropped() -> None:
    primary = index("pk", "id", unique=True, constraint="pk")
    found = check_duplicates(
        database(orders(primary, index("uq", "id", unique=True, constraint="uq"))),
        facts(primary_keys=frozenset({primary.oid})),
    )
    assert (found.drops, [one.severity for one in found.findings]) == ((), ["info"])


def test_an_index_that_a_foreign_key_rests_on_stays() -> None:
    first, second = index("a", "id", unique=True), index("b", "id", unique=True)
    assert dropped(first, second, referenced=frozenset({second.oid})) == ["a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (index("a", Key("note")), index("b", Key("note", opclass="text_pattern_ops"))),
        (index("a", Key("note")), index("b", Key("note", collation='"C"'))),
        (index("a", Key("note")), index("b", Key("note", descending=True))),
        (index("a", Key("note")), index("b", Key("note", nulls_first=True))),
        (index("a", "note"), index("b", "note", where="status = 1")),
        (index("a", "note", where="status = 1"), index("b", "note", where="status = 2")),
        (index("a", "note"), index("b", "note", include=("status",))),
        (index("a", "note"), index("b", "note", method="hash")),
        (index("a", "user_id", "status"), index("b", "status", "user_id")),
        (index("a", Key(expression="lower(note)")), index("b", "note")),
        (
            index("a", "id", method="brin", options=(("pages_per_range", "16"),)),
            index("b", "id", method="brin", options=(("pages_per_range", "128"),)),
        ),
    ],
)
def test_indexes_that_differ_in_anything_a_statement_can_need_are_no_duplicates(
    one: ExistingIndex, other: ExistingIndex
) -> None:
    assert dropped(one, other) == []


def test_the_fill_factor_of_a_btree_makes_no_difference() -> None:
    assert dropped(index("a", "id"), index("b", "id", options=(("fillfactor", "70"),))) == ["b"]


def test_tables_of_the_same_name_in_two_schemas_are_two_tables() -> None:
    other = Table("Other", "orders")
    assert dropped(index("a", "user_id"), index("a2", "user_id", on=other)) == []


def test_one_of_two_unique_indexes_treats_nulls_as_equal_and_both_stay() -> None:
    text = "CREATE UNIQUE INDEX b ON public.orders USING btree (id) NULLS NOT DISTINCT"
    assert dropped(index("a", "id", unique=True), index("b", "id", unique=True, text=text)) == []
    plain = text.removesuffix(" NULLS NOT DISTINCT")
    assert dropped(index("a", "id", unique=True), index("b", "id", unique=True, text=plain)) == ["b"]


def test_a_deferrable_constraint_does_not_replace_an_immediate_index() -> None:
    late = index("a", "id", unique=True, constraint="late")
    assert dropped(late, index("b", "id", unique=True), deferrable=frozenset({late.oid})) == []


def test_invalid_indexes_and_those_of_extensions_are_left_alone() -> None:
    assert dropped(index("a", "id"), index("b", "id", valid=False)) == []
    twin = index("b", "id")
    assert dropped(index("a", "id"), twin, of_extensions=frozenset({twin.oid})) == []


def test_a_part_of_a_partitioned_index_stays_and_its_lonely_twin_goes() -> None:
    part = index("z", "id", parent="whole")
    assert dropped(part, index("a", "id")) == ["a"]
    assert dropped(part, index("y", "id", parent="other_whole")) == []


def test_a_drop_says_what_takes_it_back_in_quotes() -> None:
    table = Table("My schema", 'or"ders')
    twins = (index("B b", "Id", on=table), index("A a", "Id", on=table))
    facts_of = orders(*twins)
    (drop,) = check_duplicates(database(facts_of, users()), facts()).drops
    assert drop.statement == 'DROP INDEX CONCURRENTLY "My schema"."B b"'
    assert drop.undo == 'CREATE INDEX CONCURRENTLY "B b" ON "My schema"."or""ders" USING btree ("Id")'
    assert (drop.size_bytes, drop.measured, drop.confidence) == (-(1 << 20), False, "high")
