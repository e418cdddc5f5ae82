"""Figures as readers see them."""

import pytest

from candlefish.report.labels import figure, improvement, number, percent


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0412, "0.041"),
        (0.5, "0.50"),
        (3.456, "3.46"),
        (42.42, "42.4"),
        (212.4, "212"),
        (50123.0, "50,123"),
        (0, "0"),
    ],
)
def test_numbers_have_about_three_digits(value: float, printed: str) -> None:
    assert number(value) == printed


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (3.4, "ms", "3.40 ms"),
        (0.923, "ratio", "92.3 %"),
        (None, "ms", "–"),
        (1200.0, "1/s", "1,200 /s"),
        (2048, "bytes", "2 kB"),
    ],
)
def test_a_figure_carries_its_unit(value: float | None, unit: str, printed: str) -> None:
    assert figure(value, unit) == printed


def test_almost_all_is_never_printed_as_all() -> None:
    assert percent(0.99996) == "99.9 %"
    assert percent(1.0) == "100.0 %"


def test_what_no_clock_can_tell_from_nothing_is_not_called_nothing() -> None:
    assert figure(0.0, "ms") == "< 0.01 ms"
    assert improvement(1.0) == "> 99.9 % less"


def test_a_worse_result_is_called_more() -> None:
    assert improvement(-0.25) == "25.0 % more"
    assert improvement(0.9) == "90.0 % less"
    assert improvement(None) == "–"
