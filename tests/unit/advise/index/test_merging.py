"""Pairs of indexes in one, and what a wider one makes superfluous."""

from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.merging import covers, merged
from candlefish.advise.statements import Table

T = Table("public", "t")


def btree(*columns: str, include: tuple[str, ...] = (), where: str = "") -> Index:
    return Index(T, tuple(Key(column) for column in columns), include=include, where=where)


def test_a_wider_index_covers_its_beginning() -> None:
    assert covers(btree("a", "b"), btree("a"))
    assert covers(btree("a", include=("b",)), btree("a"))
    assert covers(btree("a", "b", "c"), btree("a", include=("c",)))


def test_another_order_other_rows_or_more_columns_are_not_covered() -> None:
    assert not covers(btree("b", "a"), btree("a"))
    assert not covers(btree("a", "b", where="c"), btree("a"))
    assert not covers(btree("a"), btree("a", include=("b",)))
    assert not covers(btree("a", "b"), Index(T, (Key("a", descending=True),)))


def test_a_unique_index_is_covered_by_none() -> None:
    assert not covers(btree("a", "b"), Index(T, (Key("a"),), unique=True))


def test_two_of_the_same_first_key_make_one_that_includes_the_rest() -> None:
    assert btree("a", include=("b", "c")) in merged([btree("a", include=("b",)), btree("a", include=("c",))])
    assert btree("a", "b", include=("c",)) in merged([btree("a", "b"), btree("a", include=("c",))])


def test_those_of_other_rows_are_not_merged() -> None:
    assert merged([btree("a", "b"), btree("a", "c", where="d")]) == ()
