"""How results are printed."""

import json

from harness.table import number, render_json, render_table


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    table = render_table(("library", "ops/s"), [("redis-py", "24,000"), ("us", "9")])
    assert table.splitlines() == ["library    ops/s", "----------------", "redis-py  24,000", "us             9"]


def test_a_number_has_three_digits_or_all_before_the_point() -> None:
    assert [number(value) for value in (12_345.6, 99.96, 3.14159, 0.001234, 0, None)] == [
        "12,346", "100", "3.14", "0.00123", "0", "–",
    ]  # fmt: skip


def test_json_is_one_object_a_line() -> None:
    lines = render_json([{"library": "redis-py", "ops_per_second": 24_622.83471, "errors": 0}, {"note": None}])
    assert [json.loads(line) for line in lines.splitlines()] == [
        {"library": "redis-py", "ops_per_second": 24_623.0, "errors": 0},
        {"note": None},
    ]
