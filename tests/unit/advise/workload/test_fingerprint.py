"""The same statement with other literals, and which statements have a plan."""

import pytest

from candlefish.advise.workload.fingerprint import fingerprint, kind_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select * from t where a = 5", "SELECT *  FROM t -- why\n WHERE a = 77"),
        ("select * from t where a = 'x'", "select * from t where a = $1"),
        ("select * from t where a in (1, 2)", "select * from t where a in (1, 2, 3)"),
        ("select * from t where a = E'\\'' limit 5", "select * from t where a = 'b' limit 10"),
    ],
)
def test_other_literals_make_the_same_statement(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select * from t where a = 5", "select * from t where b = 5"),
        ('select * from "T"', 'select * from "t"'),
        ("select * from t where a = 5", "select * from t where a > 5"),
    ],
)
def test_other_names_and_operators_make_another(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("select 1", "select"),
        ("/* a */ values (1)", "select"),
        ("with a as (select 1) select * from a", "select"),
        ("with a as (delete from t returning *) select * from a", "delete"),
        ("Update t set a = 1", "update"),
        ("begin", None),
        ("create index on t (a)", None),
        ("", None),
    ],
)
def test_what_has_a_plan_is_known_by_its_words(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind
