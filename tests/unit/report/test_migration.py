"""Advice as migrations: Python that compiles, statements that come back as they were, a place that was not named."""

import ast
from dataclasses import replace

import pytest
from tests.unit.report.advice_made_up import CREATE, DROP, JOIN

from candlefish.advise.advice import Recommendation, Step
from candlefish.report.alembic_revision import render_alembic
from candlefish.report.django_migration import render_django
from candlefish.report.migration import as_python, operations

CHANGES = tuple(
    replace(one, steps=(Step(one.statement, (one.table.schema, one.name)),)) for one in (DROP, CREATE, JOIN)
)
REINDEX = replace(DROP, kind="reindex", undo="", steps=(Step('REINDEX INDEX CONCURRENTLY "public"."users_email_idx"'),))
"""Its step names no index, as the lint makes it."""


def strings_of(text: str) -> list[str]:
    return [
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("render", [render_alembic, render_django])
def test_a_migration_holds_each_statement_and_its_way_back(render: object) -> None:
    assert callable(render)
    strings = strings_of(render(CHANGES, "shop.start" if render is render_django else "start"))
    for one in CHANGES[1:]:
        assert one.statement.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS", 1) in strings
        assert one.undo in strings
    assert DROP.statement.replace("CONCURRENTLY", "CONCURRENTLY IF EXISTS", 1) in strings
    assert DROP.undo.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS", 1) in strings


def test_what_is_there_is_left_alone_and_an_invalid_one_goes_first() -> None:
    drop, create, _ = operations(CHANGES)
    assert [one.removes for one in create.forward] == ['"Shop"."cf_orders_at_1f2e3d"']
    assert [one.removes for one in (*drop.forward, *create.back)] == ["", ""]
    assert [one.removes for one in drop.back] == ['"public"."users_email_idx"']


def test_what_can_be_repeated_already_stays_as_it_is() -> None:
    made = replace(CREATE, steps=(Step("CREATE INDEX IF NOT EXISTS a ON b (c)"),), undo="DROP INDEX IF EXISTS a")
    (one,) = operations([made])
    assert [each.text for each in (*one.forward, *one.back)] == [made.steps[0].statement, made.undo]


def test_a_rebuilt_index_has_no_way_back() -> None:
    assert "reverse_sql=migrations.RunSQL.noop" in render_django([REINDEX], "shop.start")
    text = render_alembic([REINDEX], "start")
    assert "REINDEX INDEX CONCURRENTLY" in text.partition("def downgrade")[0]
    assert "op.execute" not in text.partition("def downgrade")[2]
    assert "remove_invalid" not in text


def test_the_same_advice_is_the_same_revision_and_another_place_another_one() -> None:
    first, again, elsewhere = (render_alembic(CHANGES, after) for after in ("start", "start", "later"))
    assert first == again != elsewhere
    assert "down_revision = None" in render_alembic(CHANGES, "base")


@pytest.mark.parametrize(("text", "render"), [("PUT THE PRESENT", render_alembic), ("PUT_THE_APP", render_django)])
def test_a_place_that_was_not_named_is_left_to_be_filled_in(text: str, render: object) -> None:
    assert callable(render)
    assert text in render(CHANGES)


@pytest.mark.parametrize("text", ["", "x" * 300, "a b " * 90, 'it\'s "both" \\ \n' * 20, "line\nline"])
def test_a_text_comes_back_from_python_as_it_was(text: str) -> None:
    assert ast.literal_eval(f"({as_python(text, 4)})") == text


def test_a_reason_of_several_lines_is_one_comment() -> None:
    odd: Recommendation = replace(CHANGES[1], reason="rows where a = 'x\nimport os'")
    assert "1f2e3d: rows where a = 'x import os'" in render_alembic([odd])
    assert "\nimport os" not in render_alembic([odd]) + render_django([odd])
