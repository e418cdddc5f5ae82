"""The tables on the terminal."""

import dataclasses

from candlefish.demo.result import DemoResult
from candlefish.report import render_text


def line_with(words: str, text: str) -> str:
    return next(line for line in text.splitlines() if words in line)


def test_each_objective_stands_in_one_line_with_its_verdict(result: DemoResult) -> None:
    text = render_text(result)
    average = line_with("Average query time", text)
    assert average.split()[3:] == ["212", "ms", "3.40", "ms", "98.4", "%", "less", "78", "%", "less", "met"]
    assert line_with("Cache throughput", text).endswith("missed")


def test_the_last_line_names_what_was_missed(result: DemoResult) -> None:
    assert render_text(result).splitlines()[-1].strip() == ("9 of 10 objectives met; missed: cache_ops_per_second")


def test_a_demo_that_met_everything_says_nothing_of_missing(result: DemoResult) -> None:
    good = tuple(verdict for verdict in result.objectives if verdict.met)
    text = render_text(dataclasses.replace(result, objectives=good))
    assert "9 of 9 objectives met" in text
    assert "missed" not in text


def test_operations_come_with_the_costliest_first(result: DemoResult) -> None:
    text = render_text(result)
    assert text.index("metrics_time_range") < text.index("user_dashboards_page") < text.index("log_activity")


def test_what_a_doubter_asks_for_is_printed(result: DemoResult) -> None:
    text = render_text(result)
    assert "18 requests a second: the highest rate that Before sustained" in text
    assert "24 /s not held; 18 /s held" in text
    assert "load generator 0.31" in text
    assert "queue at most 8" in text
    assert "a perfect cache could reach 94.1 %" in text
    assert "never scanned: metrics_recorded_brin" in text
    assert "21,000, fixed by the scale" in text


def test_an_operation_that_never_ran_before_has_dashes(result: DemoResult) -> None:
    before = dataclasses.replace(result.before, operations=result.before.operations[1:])
    text = render_text(dataclasses.replace(result, before=before))
    row = line_with("user_dashboards_page", text).split()
    assert row[1:3] == ["0", "–"]
    assert row[-1] == "–"


def test_the_ablation_has_a_row_for_each_part(result: DemoResult) -> None:
    text = render_text(result)
    assert "indexes alone" in text
    assert "indexes alone" not in render_text(dataclasses.replace(result, ablation=()))
