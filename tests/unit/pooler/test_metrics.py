import json
from typing import Any

from candlefish.pooler.metrics import Sample, make_sample, render_metrics

POOLS = [
    {"database": "shop_main", "cl_active": 3, "cl_waiting": 2, "sv_active": 4, "sv_idle": 1},
    {"database": "shop_main", "cl_active": 1, "cl_waiting": 0, "sv_active": 0, "sv_idle": 2},
    {"database": "shop_read", "cl_active": 1, "cl_waiting": 1, "sv_active": 6, "sv_idle": 0},
    {"database": "pgbouncer", "cl_active": 9, "cl_waiting": 9, "sv_active": 9, "sv_idle": 9},
]
TOTALS = [
    {
        "database": "shop_main",
        "query_count": 10,
        "query_time": 50_000,
        "server_assignment_count": 4,
        "wait_time": 8_000,
    },
    {"database": "pgbouncer", "query_count": 99, "query_time": 99, "server_assignment_count": 9, "wait_time": 9},
]


def line(now: Sample, before: Sample | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_metrics(now, before, tier="harbour", time_ms=1_700_000_000_000))
    return found


def test_the_console_itself_is_not_counted_and_the_fullest_database_counts() -> None:
    assert make_sample(POOLS, TOTALS) == Sample(3, 8, 7, 10, 50_000, 4, 8_000)


def test_averages_are_those_since_the_last_line() -> None:
    before = Sample(0, 0, 0, queries=5, query_us=10_000, assignments=2, wait_us=2_000)
    found = line(make_sample(POOLS, TOTALS), before)
    assert (found["QueryTime"], found["WaitTime"]) == (8.0, 3.0)


def test_no_query_is_no_figure_and_not_one_of_zero() -> None:
    sample = make_sample(POOLS, TOTALS)
    for before in (None, sample):
        found = line(sample, before)
        assert "QueryTime" not in found
        assert "WaitTime" not in found
        assert len(found["_aws"]["CloudWatchMetrics"][0]["Metrics"]) == 3


def test_the_line_has_the_form_that_cloudwatch_asks_for() -> None:
    found = line(make_sample(POOLS, TOTALS), Sample(0, 0, 0, 0, 0, 0, 0))
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert found["_aws"]["Timestamp"] == 1_700_000_000_000
    assert (directive["Namespace"], directive["Dimensions"]) == ("candlefish/pgbouncer", [["Tier"]])
    assert found["Tier"] == "harbour"
    assert all(isinstance(found[metric["Name"]], int | float) for metric in directive["Metrics"])
    assert {metric["Unit"] for metric in directive["Metrics"]} == {"Count", "Milliseconds"}
