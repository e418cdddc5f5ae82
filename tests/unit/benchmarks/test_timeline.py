"""Gaps between answers, and the moments at which a counter grew."""

from loads.timeline import longest_gap_s, times_of_growth


def test_the_longest_gap_lies_between_two_neighbours() -> None:
    assert longest_gap_s([1.0, 1.5, 4.0, 4.25]) == 2.5


def test_one_answer_has_no_gap() -> None:
    assert longest_gap_s([1.0]) == 0.0


def test_a_counter_that_stands_still_did_not_grow() -> None:
    assert times_of_growth([(1.0, 5), (2.0, 5), (3.0, 6), (4.0, 6), (5.0, 9)]) == [3.0, 5.0]
