"""Texts of pg_stat_statements that PostgreSQL reads again."""

import pytest

from candlefish.advise.workload.repair import mend, repair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > now() - interval $1", "a > now() - $1::interval"),
        ("a > now() - interval $1 day to second", "a > now() - $1::interval day to second"),
        ("a > $1 and b = date $2", "a > $1 and b = $2::date"),
        ("a = timestamp with time zone $1", "a = $1::timestamp with time zone"),
        ("a = timestamp(3) with time zone $1", "a = $1::timestamp(3) with time zone"),
        ("a = numeric(10,2) $1", "a = $1::numeric(10,2)"),
        ("a = double precision $1", "a = $1::double precision"),
        ('a = "Sales".mood $1', 'a = $1::"Sales".mood'),
        ("a = uuid $1", "a = $1::uuid"),
        ("x at time zone $1 = $2", "x at time zone $1 = $2"),
        ("extract($1 from x) = $2", "date_part($1, x) = $2"),
        ("EXTRACT ( $1 FROM x )", "date_part ( $1, x )"),
        ("substring(a from $1 for $2)", "substring(a from $1 for $2)"),
        ("trim(both $1 from a)", "trim(both $1 from a)"),
        ("a in ($1 /*, ... */)", "a in ($1 )"),
        ("a between $1 and $2 limit $3 offset $4", "a between $1 and $2 limit $3 offset $4"),
        ("case when $1 then $2 else $3 end", "case when $1 then $2 else $3 end"),
        ("a is distinct from $1", "a is distinct from $1"),
        ("a <> - $4 -- b\nor c>= -$2", "a <> - $1 or c>= -$2"),
        ("left(a, ($1)) = $2", "left(a, ($1)) = $2"),
        ("rows between $1 preceding and current row", "rows between $1 preceding and current row"),
        ("fetch first $1 rows only", "fetch first $1 rows only"),
        ('a like $1 escape $2 and "interval" = $3', 'a like $1 escape $2 and "interval" = $3'),
    ],
)
def test_constants_of_a_type_become_casts_and_all_else_stays(text: str, expected: str) -> None:
    assert repair(f"select {text}") == f"select {expected}"


def test_a_constant_that_stood_in_two_places_becomes_one_parameter() -> None:
    text = "select date_trunc($1, at), count(*) from t where a = $2 group by date_trunc($3, at)"
    expected = "select date_trunc($1, at), count(*) from t where a = $2 group by date_trunc($1, at)"
    assert mend(text, "42803", "") == expected


def test_a_constant_that_one_place_kept_goes_into_the_other() -> None:
    text = "select date_trunc($1, at), $2 from t group by date_trunc('Day',at)"
    assert mend(text, "42803", "") == "select date_trunc('Day', at), $1 from t group by date_trunc('Day',at)"


def test_a_parameter_of_no_type_becomes_text() -> None:
    assert mend("select $1 is null or a = $2", "42P18", "... parameter $1") == "select $1::text is null or a = $2"


def test_sums_of_cases_are_sums_of_numbers() -> None:
    text = "select sum(case when a then $1 else $2 end) from t"
    expected = "select sum(case when a then $1::integer else $2::integer end) from t"
    assert mend(text, "42883", "") == expected
    assert mend(expected, "42883", "") is None
    assert mend("select generate_series($1, $2)", "42725", "") == "select generate_series($1::integer, $2::integer)"


def test_elements_of_an_array_become_what_it_is_compared_with() -> None:
    error = "operator does not exist: integer[] @> text[]"
    expected = "select a @> array[$1::integer, $2::integer]"
    assert mend("select a @> array[$1, $2]", "42883", error) == expected


def test_what_cannot_be_helped_stays() -> None:
    assert mend("select a from t", "42703", "column a does not exist") is None
