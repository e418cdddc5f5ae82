"""What the figures of a benchmark are computed from."""

import pytest

from harness.samples import Sample, percentile, ratio, sample_of, spread, summarize


def sample(ops_per_second: float, errors: int = 0, note: str = "") -> Sample:
    return Sample(ops_per_second, cpu_us_per_op=1e6 / ops_per_second, p50_ms=1.0, p99_ms=2.0, errors=errors, note=note)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.995, 100), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_the_smallest_value_that_this_share_does_not_exceed(share: float, expected: int) -> None:
    assert percentile(range(1, 101), share) == expected


def test_one_value_is_every_percentile() -> None:
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0


def test_throughput_and_cpu_are_of_the_calls_in_the_window_and_the_percentiles_of_all() -> None:
    measured = sample_of([0.001] * 98 + [0.5, 0.5], calls=98, wall_s=2.0, cpu_s=0.49)
    assert measured.ops_per_second == 49
    assert measured.cpu_us_per_op == pytest.approx(5000)
    assert (measured.p50_ms, measured.p99_ms) == (1.0, 500.0)


def test_nothing_answered_is_no_division_by_zero() -> None:
    assert sample_of([0.1], calls=0, wall_s=1.0, cpu_s=0.5, errors=3, note="refused") == Sample(
        0, 0, 0, 0, 3, "refused"
    )


def test_rounds_give_their_medians_all_their_errors_and_the_first_note() -> None:
    found = summarize([sample(100, errors=1), sample(400, note="late"), sample(200, errors=2, note="later")])
    assert (found.ops_per_second, found.cpu_us_per_op) == (200, 5000)
    assert (found.errors, found.rounds, found.note) == (3, 3, "late")


def test_the_spread_is_the_range_as_a_share_of_the_median() -> None:
    assert spread([90.0, 100.0, 130.0]) == pytest.approx(0.4)
    assert spread([5.0]) == spread([0.0, 0.0]) == 0


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratio(6.0, 2.0) == 3.0
    assert ratio(6.0, 0.0) is None
