"""The JSON object that `candlefish demo --json` prints."""

import json

from candlefish.demo.result import DemoResult
from candlefish.report import load_json, render_json


def test_objectives_come_first_with_the_promised_keys(result: DemoResult) -> None:
    data = json.loads(render_json(result))
    assert list(data)[:2] == ["format", "objectives"]
    first = data["objectives"][0]
    assert {"name", "unit", "before", "after", "improvement", "target", "met"} <= set(first)
    assert (first["name"], first["before"], first["after"], first["met"]) == ("query_avg", 212.0, 3.4, True)


def test_a_missing_before_is_null(result: DemoResult) -> None:
    found = {o["name"]: o for o in json.loads(render_json(result))["objectives"]}
    assert found["cache_hit_ratio"]["before"] is None
    assert found["cache_hit_ratio"]["improvement"] is None


def test_the_whole_result_can_be_read_back(result: DemoResult) -> None:
    assert load_json(render_json(result)) == result
