"""Statistics, sequences, transaction ids."""

import pytest
from tests.unit.advise.lints.made_up import USERS, database, facts, orders, to_users, users
from tests.unit.advise.tables import column, table

from candlefish.advise.lints.analyzed import check_analyzed
from candlefish.advise.lints.facts import Age, SequenceFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sequences import check_sequences
from candlefish.advise.lints.wraparound import check_wraparound
from candlefish.results import Finding

INT4, INT8 = 2**31 - 1, 2**63 - 1
BARE = column("id", width_bytes=0, distinct=0)


def analyzed(**more: object) -> tuple[Finding, ...]:
    of: dict[str, object] = {"rows": 5000, "name": "Bare", **more}
    return check_analyzed(database(table(BARE, **of)), facts()).findings  # type: ignore[arg-type]


def test_a_table_that_was_never_analysed_is_told_with_what_mends_it() -> None:
    (found,) = analyzed()
    assert (found.severity, found.hint) == ("warning", 'ANALYZE "public"."Bare"')


def test_statistics_that_are_there_count_although_a_reset_forgot_when_they_were_made() -> None:
    assert check_analyzed(database(orders()), facts()) == LintResult()
    assert analyzed(last_analyzed=True) == ()


def test_small_foreign_and_unreadable_tables_are_no_finding() -> None:
    assert analyzed(rows=10) == ()
    assert analyzed(kind="foreign table") == ()
    assert check_analyzed(database(table(BARE)), facts(unreadable=frozenset({1}))) == LintResult()


def test_a_partitioned_table_is_only_told_of_itself() -> None:
    assert [one.severity for one in analyzed(kind="partitioned table")] == ["info"]


def sequence(last: int, **more: object) -> SequenceFacts:
    of: dict[str, object] = {"min_value": 1, "max_value": INT8, "increment": 1, "column_max": INT8}
    return SequenceFacts("public", "users_id_seq", USERS, "id", last, **(of | more))  # type: ignore[arg-type]


def sequences(one: SequenceFacts) -> tuple[Finding, ...]:
    return check_sequences(database(users(), orders()), facts(sequences=(one,))).findings


def test_the_columns_type_ends_a_sequence_of_bigint() -> None:
    (found,) = sequences(sequence(round(INT4 * 0.8), column_max=INT4))
    assert "80% of its values are drawn" in found.message
    assert "the type of public.users.id ends at 2,147,483,647" in found.message
    assert found.severity == "warning"


def test_the_sequences_own_range_ends_it_too() -> None:
    (found,) = sequences(sequence(95, max_value=100))
    assert found.severity == "critical"
    assert "the sequence's own range ends at 100" in found.message


def test_up_to_three_quarters_nothing_is_said() -> None:
    assert sequences(sequence(75, max_value=100)) == ()


def test_a_narrower_column_that_refers_to_it_ends_it_first() -> None:
    catalog = database(users(), orders(), keys=[to_users("user_id")])
    found = check_sequences(catalog, facts(sequences=(sequence(round(INT4 * 0.8)),))).findings
    assert "the type of public.orders, which refers to it" in found[0].message


def test_a_cycle_never_ends_and_a_descending_one_ends_below() -> None:
    assert sequences(sequence(99, max_value=100, cycles=True)) == ()
    down = sequence(-90, min_value=-100, max_value=-1, increment=-1)
    (found,) = sequences(down)
    assert "10 are left" in found.message


def test_a_sequence_without_a_column_has_its_range_alone() -> None:
    alone = SequenceFacts("S", "q", None, "", 80, 1, 100, 1)
    assert sequences(alone)[0].message.startswith("80% of its values are drawn, 20 are left")


def ages(xids: int = 0, multixacts: int = 0, **more: object) -> tuple[Finding, ...]:
    age = Age("public.orders", xids, multixacts, 200_000_000, 400_000_000, **more)  # type: ignore[arg-type]
    return check_wraparound(facts(ages=(age,), holders=("replication slot old",))).findings


def test_an_age_at_which_autovacuum_is_at_work_is_no_finding() -> None:
    assert ages(220_000_000, 420_000_000) == ()


@pytest.mark.parametrize(("xids", "severity"), [(310_000_000, "warning"), (1_600_000_000, "critical")])
def test_an_age_far_beyond_is_told_with_what_holds_it_up(xids: int, severity: str) -> None:
    (found,) = ages(xids)
    assert found.severity == severity
    assert f"{2**31 - xids:,} are left" in found.message
    assert "held up by replication slot old" in found.message


def test_multixacts_have_their_own_limit() -> None:
    assert "multixact" in ages(0, 700_000_000)[0].message


def test_a_temporary_table_is_not_vacuumed_by_others() -> None:
    assert "temporary" in ages(310_000_000, is_temporary=True)[0].hint
