"""Scales and label placing, where a wrong formula would draw a wrong picture."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.report import svg


def test_a_logarithmic_scale_puts_powers_of_ten_at_equal_distances() -> None:
    scale = svg.logarithmic(1, 1000, 0, 300)
    assert [round(scale(value)) for value in (1, 10, 100, 1000)] == [0, 100, 200, 300]


def test_values_beyond_a_logarithmic_scale_stay_on_its_edge() -> None:
    scale = svg.logarithmic(1, 100, 0, 200)
    assert scale(0.001) == 0
    assert scale(1e6) == pytest.approx(200)


@pytest.mark.parametrize(
    ("high", "ticks"), [(18, [0, 5, 10, 15, 20]), (2, [0, 0.5, 1, 1.5, 2]), (180, [0, 50, 100, 150, 200])]
)
def test_axis_steps_are_round_and_reach_past_the_highest_value(high: float, ticks: list[float]) -> None:
    assert svg.steps(high) == ticks


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_labels_keep_their_distance(wanted: list[float]) -> None:
    placed = sorted(svg.spread(wanted, 30, 0, 300))
    assert all(after - before >= 30 - 1e-6 for before, after in itertools.pairwise(placed))
    assert placed[-1] <= 300 + 1e-6


def test_words_are_escaped() -> None:
    assert "&lt;b&gt;" in svg.text(0, 0, "<b>")
