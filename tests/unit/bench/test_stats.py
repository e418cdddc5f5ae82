from hypothesis import given, settings
from hypothesis import strategies as st

from candlefish.bench.stats import LONGEST_US, Latencies, merged

MICROSECONDS = st.lists(st.integers(min_value=1, max_value=60_000_000), max_size=200)


def latencies(values: list[int]) -> Latencies:
    recorded = Latencies()
    recorded.record_us(values)
    return recorded


@settings(deadline=None)  # a busy machine is no mistake
@given(MICROSECONDS, MICROSECONDS)
def test_merging_two_processes_gives_what_one_would_have_recorded(first: list[int], second: list[int]) -> None:
    apart = merged([latencies(first), latencies(second)]).distribution()
    assert apart == latencies(first + second).distribution()


@settings(deadline=None)  # a busy machine is no mistake
@given(MICROSECONDS)
def test_a_histogram_survives_the_way_between_processes(values: list[int]) -> None:
    sent = latencies(values)
    assert Latencies.decode(sent.encode()).distribution() == sent.distribution()


def test_percentiles_are_those_of_the_values() -> None:
    spread = latencies([1000 * value for value in range(1, 101)]).distribution()
    assert (spread.count, spread.mean_ms) == (100, 50.5)
    for measured, expected in ((spread.p50_ms, 50), (spread.p95_ms, 95), (spread.p99_ms, 99), (spread.max_ms, 100)):
        assert abs(measured - expected) <= expected / 1000


def test_the_curve_rises_to_the_maximum() -> None:
    spread = latencies([5, 50, 500, 5_000, 50_000]).distribution()
    heights = [ms for _, ms in spread.curve]
    assert heights == sorted(heights)
    assert spread.curve[-1] == (100.0, spread.max_ms)


def test_nothing_recorded_is_all_zero() -> None:
    spread = Latencies().distribution()
    assert (spread.count, spread.mean_ms, spread.max_ms, spread.curve) == (0, 0.0, 0.0, ())


def test_what_takes_longer_than_the_range_counts_as_the_longest() -> None:
    spread = latencies([LONGEST_US * 5]).distribution()
    assert spread.count == 1
    assert abs(spread.max_ms - LONGEST_US / 1000) <= LONGEST_US / 1_000_000
