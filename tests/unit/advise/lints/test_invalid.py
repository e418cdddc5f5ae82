from typing import Any

from tests.unit.advise.lints.made_up import database, facts, index, orders

from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.invalid import check_invalid
from candlefish.advise.lints.result import LintResult


def check(*indexes: ExistingIndex, **more: Any) -> LintResult:
    return check_invalid(database(orders(*indexes)), facts(**more))


BROKEN = index("Broken", "user_id", valid=False)


def test_what_a_failed_build_left_is_built_anew() -> None:
    (mend,) = check(BROKEN).drops
    assert (mend.kind, mend.statement) == ("reindex", 'REINDEX INDEX CONCURRENTLY "public"."Broken"')


def test_an_index_that_is_being_built_is_no_finding() -> None:
    assert check(BROKEN, building=frozenset({BROKEN.oid})) == LintResult()
    assert check(BROKEN, building=frozenset({1})) == LintResult()  # the table: the index is not named yet


def test_where_builds_are_hidden_nothing_is_dropped() -> None:
    found = check(BROKEN, builds_hidden=True)
    assert (found.drops, found.findings[0].severity) == ((), "info")


def test_a_copy_of_a_valid_index_is_dropped() -> None:
    (mend,) = check(BROKEN, index("good", "user_id")).drops
    assert (mend.kind, mend.name) == ("drop index", "Broken")


def test_an_invalid_unique_index_is_not_replaced_by_a_plain_twin() -> None:
    (mend,) = check(index("u", "user_id", valid=False, unique=True), index("good", "user_id")).drops
    assert mend.kind == "reindex"


def test_leftovers_of_reindex_are_dropped() -> None:
    names = ("a_ccnew", "a_ccold1", "b_ccnew2")
    found = check(
        *(index(name, column, valid=False) for name, column in zip(names, ("id", "note", "status"), strict=True))
    )
    assert [mend.kind for mend in found.drops] == ["drop index"] * 3


def test_a_partitioned_index_that_lacks_a_part_is_told_and_left() -> None:
    whole = orders(index("whole", "id", valid=False), kind="partitioned table")
    found = check_invalid(database(whole), facts())
    assert found.drops == ()
    assert "ATTACH PARTITION" in found.findings[0].hint


def test_valid_indexes_are_no_finding() -> None:
    assert check(index("a", "id")) == LintResult()
