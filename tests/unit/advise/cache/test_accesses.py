"""Parts of recorded accesses: the first ones, and those of fewer keys."""

from collections import Counter

from tests.unit.advise.cache.workload import ask, zipf

from candlefish.advise.cache.accesses import LEAST_KEYS, take_first, thin


def test_the_first_accesses_bring_only_their_own_keys() -> None:
    first = take_first(ask("abcabcdd"), 4)
    assert (list(first.keys), first.objects, list(first.times_ms)) == ([0, 1, 2, 0], 3, [0, 1000, 2000, 3000])


def test_more_than_there_are_is_all() -> None:
    accesses = ask("abc")
    assert take_first(accesses, 99) is accesses


def test_a_thinned_key_keeps_all_of_its_accesses_or_none() -> None:
    accesses = zipf(40_000, 5_000, seconds=40)
    thinned = thin(accesses, 20_000)
    whole = Counter(Counter(accesses.keys).values())
    assert thinned.objects == round(accesses.objects / 2)
    assert set(Counter(thinned.keys).values()) <= set(whole)
    assert len(thinned.keys) == len(thinned.times_ms)
    assert sorted(thinned.times_ms) == list(thinned.times_ms)


def test_thinning_tells_its_share_and_how_many_accesses_it_stands_for() -> None:
    accesses = zipf(40_000, 5_000, seconds=40)
    thinned = thin(accesses, 20_000)
    assert thinned.sample_ratio == thinned.objects / accesses.objects
    assert thinned.whole == 40_000
    assert thinned.expected == 40_000 * thinned.sample_ratio


def test_a_few_keys_are_never_thinned() -> None:
    few = zipf(40_000, LEAST_KEYS // 2, seconds=40)
    assert thin(few, 1_000) is few
