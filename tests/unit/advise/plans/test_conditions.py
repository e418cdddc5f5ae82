"""Conditions as PostgreSQL prints them in plans, taken apart."""

import pytest

from candlefish.advise.plans.conditions import (
    Both,
    Comparison,
    Either,
    Other,
    parse_condition,
    references,
    strip_brackets,
    strip_cast,
    with_alias,
    without_alias,
)


@pytest.mark.parametrize(
    ("text", "left", "operator", "right"),
    [
        ("(o.placed >= '1993-07-01'::date)", "o.placed", ">=", "'1993-07-01'::date"),
        ("((t.name)::text = 'it''s (AND) x'::text)", "(t.name)::text", "=", "'it''s (AND) x'::text"),
        ("(t.id = ANY ('{1,2}'::integer[]))", "t.id", "= ANY", "'{1,2}'::integer[]"),
        ("(t.gone IS NULL)", "t.gone", "IS NULL", ""),
        ("(t.gone IS NOT NULL)", "t.gone", "IS NOT NULL", ""),
        ("((t.doc ->> 'a'::text) = 'b'::text)", "t.doc ->> 'a'::text", "=", "'b'::text"),
        ("(t.doc @> '{\"a\": 1}'::jsonb)", "t.doc", "@>", "'{\"a\": 1}'::jsonb"),
        ("(lower((t.x)::text) ~~ 'abc%'::text)", "lower((t.x)::text)", "~~", "'abc%'::text"),
        ("(ROW(t.a, t.b) > ROW(1, 2))", "ROW(t.a, t.b)", ">", "ROW(1, 2)"),
        ('("Größe"."Ab c" <> 5)', '"Größe"."Ab c"', "<>", "5"),
    ],
)
def test_a_comparison_is_known_by_its_sides_and_its_operator(text: str, left: str, operator: str, right: str) -> None:
    found = parse_condition(text)
    assert isinstance(found, Comparison)
    assert (found.left, found.operator, found.right) == (left, operator, right)


def test_and_and_or_are_taken_apart_as_they_are_nested() -> None:
    found = parse_condition("((t.a = 1) AND ((t.b = 2) OR (t.c = 3)))")
    assert isinstance(found, Both)
    first, second = found.parts
    assert isinstance(first, Comparison)
    assert isinstance(second, Either)
    assert [part.left for part in second.parts if isinstance(part, Comparison)] == ["t.b", "t.c"]


def test_a_boolean_column_is_something_else_and_its_negation_is_known() -> None:
    assert parse_condition("t.is_open") == Other("t.is_open")
    assert parse_condition("(NOT t.is_open)") == Other("t.is_open", negated=True)


def test_a_subplan_is_something_else() -> None:
    assert parse_condition("(NOT (hashed SubPlan 1))") == Other("hashed SubPlan 1", negated=True)


def test_references_are_names_with_an_alias_and_nothing_in_a_string() -> None:
    assert references('((t.a = \'u.b\'::text) AND ("T"."x y" = lower(v.c)))') == {("t", "a"), ("T", "x y"), ("v", "c")}


def test_a_function_of_a_schema_is_no_reference() -> None:
    assert references("app.f(t.a)") == {("t", "a")}


def test_one_alias_goes_and_the_others_stay() -> None:
    assert without_alias("(t.a = u.a)", "t") == "(a = u.a)"
    assert without_alias('("T"."x y" = 1)', "T") == '("x y" = 1)'


def test_names_without_an_alias_get_one_and_types_functions_and_words_do_not() -> None:
    text = with_alias("(lower((name)::text) || COALESCE(x, 'y'::text)) DESC", "t")
    assert references(text) == {("t", "name"), ("t", "x")}
    assert text.endswith(" DESC")
    assert "lower(" in text


def test_what_has_an_alias_is_left_alone() -> None:
    assert with_alias("(t.a = b)", "t") == "(t.a = b)"


def test_brackets_around_everything_go_and_others_stay() -> None:
    assert strip_brackets("((a + b))") == "a + b"
    assert strip_brackets("(a) + (b)") == "(a) + (b)"


def test_a_cast_goes_when_it_is_the_outermost() -> None:
    assert strip_cast("(name)::text") == "name"
    assert strip_cast("lower((name)::text)") == "lower((name)::text)"
    assert strip_cast("'a::b'::text") == "'a::b'"
    assert strip_cast("(name)::text", to="date") == "(name)::text"
