"""Slower beyond doubt: by factor, by time, by calls, by the spread of the calls, and by more than everything else."""

import pytest

from candlefish.advise.apply.baseline import Baseline
from candlefish.advise.apply.counts import Count
from candlefish.advise.apply.harm import ENOUGH_CALLS, SLOWER_FACTOR, balance_ms, compare


def count(calls: float, mean_ms: float, deviation_ms: float = 0.0) -> Count:
    return Count(calls, calls * mean_ms, calls * (deviation_ms**2 + mean_ms**2))


def statement(name: str, before: Count, by: str = "index", served: str = "") -> Baseline:
    return Baseline(
        name, f"SELECT {name}", frozenset({by} if by else ()), frozenset({served} if served else ()), before, before
    )


def is_slower(before: Count, after: Count, *others: tuple[Count, Count]) -> bool:
    baselines = [statement("a", before), *(statement(f"o{n}", one, by="") for n, (one, _) in enumerate(others))]
    now = {"a": before.plus(after), **{f"o{n}": one.plus(two) for n, (one, two) in enumerate(others)}}
    (seen,) = compare(baselines, now)
    return seen.is_slower


@pytest.mark.parametrize(
    ("before", "after", "slower"),
    [
        (count(100, 1.0, 0.1), count(100, 4.0, 0.4), True),
        (count(100, 1.0, 0.1), count(100, SLOWER_FACTOR * 0.99, 0.1), False),
        (count(100, 1.0, 0.1), count(ENOUGH_CALLS - 1, 9.0, 0.1), False),
        (count(ENOUGH_CALLS - 1, 1.0, 0.1), count(100, 9.0, 0.1), False),
        (count(100, 0.01), count(100, 0.09), False),  # nobody waits for less than a tenth of a millisecond
        (count(100, 1.0, 0.1), count(25, 4.0, 15.0), False),  # one slow call among them explains it
    ],
)
def test_slower_is_what_is_much_sure_and_often(before: Count, after: Count, slower: bool) -> None:
    assert is_slower(before, after) is slower


def test_what_all_others_became_slower_by_is_nobodys_fault() -> None:
    before, after = count(100, 1.0, 0.1), count(100, 3.0, 0.1)
    assert is_slower(before, after)
    assert not is_slower(before, after, *[(count(100, 5.0), count(100, 14.0))] * 3)
    assert is_slower(before, after, *[(count(100, 5.0), count(100, 2.0))] * 3)  # a faster server excuses nothing


def test_counts_that_were_reset_count_from_there() -> None:
    assert count(5, 2.0).since(count(100, 1.0)) == count(5, 2.0)
    assert count(105, 1.0).since(count(100, 1.0)).calls == 5


def test_a_recommendation_is_paid_for_what_it_was_made_for_alone() -> None:
    before, fast, slow = count(100, 2.0, 0.1), count(100, 1.0, 0.1), count(100, 10.0, 0.1)
    baselines = [statement("served", before, served="index"), statement("other", before), statement("hurt", before)]
    now = {"served": before.plus(fast), "other": before.plus(fast), "hurt": before.plus(slow)}
    seen = compare(baselines, now)
    assert balance_ms(seen, "index", []) == pytest.approx(100.0)
    assert balance_ms(seen, "index", [one for one in seen if one.is_slower]) == pytest.approx(100.0 - 800.0)
