"""The page of an advice: well formed, self-contained, nothing unescaped, plans side by side."""

import re
from dataclasses import replace

import pytest
from tests.unit.report.advice_made_up import AFTER, BEFORE, CREATE, ESTIMATED, MADE_UP, NOTHING, effect
from tests.unit.report.test_cost_html import outline

from candlefish.report.advice_html import render_advice_html
from candlefish.report.advice_plans import plans_html
from candlefish.report.charts.hourly import hourly_chart

PAGE = render_advice_html(MADE_UP)


@pytest.mark.parametrize("advice", [MADE_UP, ESTIMATED, NOTHING])
def test_every_tag_is_closed_in_order_and_no_id_is_given_twice(advice: object) -> None:
    parsed = outline(render_advice_html(advice))  # type: ignore[arg-type]
    assert (parsed.wrong, parsed.open) == ([], [])
    assert len(parsed.ids) == len(set(parsed.ids))


def test_the_page_asks_for_nothing_outside_itself() -> None:
    assert not {"script", "link", "iframe", "img", "object"} & set(outline(PAGE).tags)
    assert not re.search(r"src=|href=|url\(|@import", PAGE)


def test_names_statements_and_plans_are_escaped() -> None:
    for raw in ("<test>", "<script>", "<b>", "<&>"):
        assert raw not in PAGE
    assert "shop &lt;test&gt;" in PAGE
    assert "%&lt;script&gt;%" in PAGE
    assert "table public.&lt;b&gt;" in PAGE


def test_each_change_has_a_card_and_each_statement_its_plans() -> None:
    assert PAGE.count('<section class="change">') == 3
    assert PAGE.count("<details>") == 3
    assert PAGE.count('<pre class="plan"') == 6


def test_nodes_that_only_one_plan_has_are_marked() -> None:
    shown = plans_html(BEFORE, AFTER)
    assert len(re.findall('class="gone"', shown)) == len(BEFORE.splitlines()) - 1
    assert len(re.findall('class="new"', shown)) == len(AFTER.splitlines()) - 1
    assert "<span>Limit" in shown


def test_figures_alone_make_no_other_plan() -> None:
    other = BEFORE.replace("rows=20", "rows=7").replace("cost=5230", "cost=1")
    assert "class" not in re.sub(r'class="(plans?)"', "", plans_html(BEFORE, other))


def test_a_plan_that_was_not_kept_is_said() -> None:
    assert "no plan was kept" in plans_html("", AFTER)


def test_the_pictures_have_names_and_figures() -> None:
    parsed = outline(PAGE)
    assert parsed.tags.count("svg") == parsed.tags.count("desc") == 2
    assert "SELECT sum(quantity * price) FROM order_lines WHERE order_id = $1: 5.17 min" in PAGE
    assert ">-8.965 MB</text>" in PAGE


def test_bars_and_figures_stay_inside_the_picture() -> None:
    for x, width in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', PAGE):
        assert float(x) + float(width) <= 560 - 92 + 0.5
    for x in re.findall(r'<text x="([\d.]+)"', PAGE):
        assert float(x) <= 560 - 92 + 8


def test_of_many_statements_the_rest_is_one_pair_of_bars() -> None:
    chart = hourly_chart([effect(at, f"SELECT {at}", 2.0, 1.0) for at in range(14)])
    assert ">4 more statements</text>" in chart
    assert ">9.6 s</text>" in chart


def test_what_was_estimated_shows_costs_and_says_so() -> None:
    page = render_advice_html(ESTIMATED)
    assert "estimated, not measured" in page
    assert "low, estimated" in page
    assert "cost 5.04 M" in page


def test_an_advice_without_anything_is_a_page_without_pictures() -> None:
    page = render_advice_html(NOTHING)
    assert "Nothing is advised" in page
    assert "<svg" not in page


def test_statements_that_get_slower_are_on_the_page() -> None:
    assert "Slower statements</h2>" in PAGE
    assert "Slower statements</h2>" not in render_advice_html(replace(MADE_UP, regressions=()))


def test_a_change_without_effects_has_no_plans() -> None:
    page = render_advice_html(replace(MADE_UP, recommendations=(replace(CREATE, effects=()),)))
    assert "<details>" not in page
