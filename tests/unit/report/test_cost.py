"""The bill as text, JSON and a page: every line, every source, warnings that nobody can miss."""

import json
from datetime import date

import pytest

from candlefish.cost.change import changes
from candlefish.cost.snapshot import load_packaged
from candlefish.cost.statement import Statement, make_statement
from candlefish.report.cost import render_cost_text
from candlefish.report.cost_data import render_changes_json, render_cost_json
from candlefish.report.cost_rows import bill_rows, compare_rows, money, source_rows, unit_price
from candlefish.spec.model import Spec

TODAY = date(2026, 11, 23)
CLAIM = {
    "name": "the <claim>",
    "source": "a table & a letter",
    "lines": [
        {"name": "RDS primary", "usd": 340.0, "matches": ["rds.primary"], "note": "one of [two]"},
        {"name": "people", "usd": 1000.0},
    ],
}


def statement(warning: str = "", **sections: object) -> Statement:
    spec = Spec.model_validate({"compare": [CLAIM], **sections})
    return make_statement(spec, load_packaged("us-east-1"), TODAY, warning)


def test_the_text_has_every_line_every_part_and_the_total() -> None:
    made = statement()
    text = render_cost_text(made)
    for line in made.bill.lines:
        assert line.id in text
    assert money(made.bill.total) in text
    assert "no price found" in text


def test_words_in_brackets_are_printed_and_not_taken_for_markup() -> None:
    assert "one of [two]" in render_cost_text(statement())
    assert "[application] is off" in render_cost_text(statement())


def test_a_warning_stands_first_in_the_text_and_in_the_json() -> None:
    made = statement("the prices are old")
    assert render_cost_text(made).startswith("WARNING: the prices are old")
    assert json.loads(render_cost_json(made))["warning"] == "the prices are old"


def test_old_rows_are_named_with_what_they_make_of_the_bill() -> None:
    made = statement()
    assert {row.key for row in made.aged.rows} >= {"kms.key", "secret.month"}
    assert 0 < made.aged.usd < 0.02 * made.bill.total
    assert "rest on" in render_cost_text(made)


def test_the_json_has_each_charge_with_price_day_and_source() -> None:
    data = json.loads(render_cost_json(statement()))
    for line in data["lines"]:
        assert line["usd"] == pytest.approx(sum(charge["usd"] for charge in line["charges"]), abs=0.001)
        for charge in line["charges"]:
            assert date.fromisoformat(charge["price"]["as_of"]) <= TODAY
            assert charge["price"]["source"]
    assert data["total_usd"] == pytest.approx(sum(data["subtotals"].values()), abs=0.01)
    assert data["comparisons"][0]["lines"][1]["ours"] is None


def test_the_json_of_a_change_has_both_totals() -> None:
    before, after = statement().bill, statement(aws={"cache_engine": "valkey"}).bill
    data = json.loads(render_changes_json(changes(before, after), before, after))
    assert data["difference"] == pytest.approx(after.total - before.total, abs=0.001)
    assert [change["line_id"] for change in data["changes"]] == ["cache.nodes"]


def test_a_line_of_several_charges_shows_its_sum_and_they_are_in_brackets() -> None:
    made = statement()
    storage = made.bill.line("rds.storage")
    assert storage is not None
    first, *charges = bill_rows(made.bill, [storage])
    assert (first[0], first[5]) == ("rds.storage", "46.00")
    assert [row[5] for row in charges] == ["(23.00)", "(23.00)"]


def test_a_unit_price_is_printed_with_all_its_digits() -> None:
    prices = {row[0]: row[1] for row in source_rows(statement())}
    assert prices["fargate.x86_64.gb"] == "0.004445"
    assert prices["secret.month"] == "0.40"
    assert unit_price(statement().bill.lines[0].charges[0]) == "0.899"


def test_a_comparison_ends_with_the_totals_and_says_what_theirs_leaves_out() -> None:
    (comparison,) = statement().comparisons
    cells = list(compare_rows(comparison))
    assert [row[0] for row in cells] == ["RDS primary", "people", "like for like", "not in theirs", "total"]
    assert cells[-1][1] == "1,340.00"
    assert "more than theirs" in cells[-1][-1]
