"""An advice as JSON: the promised names, no word that JSON lacks."""

import json
import math
import re
from dataclasses import fields, replace
from pathlib import Path

from tests.unit.report.advice_made_up import CREATE, MADE_UP, NOTHING

from candlefish.advise.advice import Advice, Effect, Recommendation, WritePrice
from candlefish.report.advice_json import advice_object, render_advice_json

ROOT = Path(__file__).resolve().parents[3]
PROMISED = {"kind", "statement", "undo", "size_bytes", "before_ms", "after_ms", "measured", "write_price"}


def test_each_recommendation_has_the_promised_names() -> None:
    found = json.loads(render_advice_json(MADE_UP))
    assert len(found["recommendations"]) == 3
    for one in found["recommendations"]:
        assert one.keys() >= PROMISED
    assert found["recommendations"][0]["write_price"]["hot_ratio_after"] == 0.41


def test_everything_of_an_advice_is_there() -> None:
    assert {one.name for one in fields(Advice)} | {"format"} == advice_object(MADE_UP).keys()


def test_the_best_comes_first_and_what_did_not_run_saves_null() -> None:
    found = advice_object(MADE_UP)["recommendations"]
    assert [one["id"] for one in found] == ["77aa01", "1f2e3d", "d00d1e"]
    assert found[0]["saved_ms_per_hour"] == 310_000 - 2_500 - 5_100
    assert (found[2]["saved_ms_per_hour"], found[2]["before_ms"], found[2]["write_price"]) == (None, None, None)


def test_texts_come_back_as_they_were() -> None:
    found = json.loads(render_advice_json(MADE_UP))
    assert found["recommendations"][1]["statement"] == CREATE.statement
    assert found["recommendations"][1]["table"] == {"schema": "Shop", "name": 'or"ders'}


def test_a_figure_without_end_is_null() -> None:
    endless = replace(CREATE, before_ms=math.inf, after_ms=math.nan)
    (one,) = json.loads(render_advice_json(replace(MADE_UP, recommendations=(endless,))))["recommendations"]
    assert (one["before_ms"], one["after_ms"], one["saved_ms_per_hour"]) == (None, None, None)


def test_no_recommendation_is_an_empty_list() -> None:
    assert json.loads(render_advice_json(NOTHING))["recommendations"] == []


def test_every_name_is_documented() -> None:
    page = (ROOT / "docs" / "advise.md").read_text()
    documented = set(re.findall(r"`(\w+)`", page))
    names = {one.name for of in (Advice, Recommendation, Effect, WritePrice) for one in fields(of)}
    assert names | {"format", "saved_ms_per_hour"} <= documented
