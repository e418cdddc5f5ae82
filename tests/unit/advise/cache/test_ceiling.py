"""What a cache of any size could hit."""

from dataclasses import replace

from tests.unit.advise.cache.workload import ask

from candlefish.advise.cache.ceiling import measure_ceiling


def test_without_a_ttl_only_the_first_access_to_each_key_misses() -> None:
    assert measure_ceiling(ask("abababab"), None) == 6 / 8


def test_with_a_ttl_the_first_access_after_each_end_misses_too() -> None:
    assert measure_ceiling(ask("aaaaaaaa"), 3.5, jitter_ratio=0) == 6 / 8


def test_jitter_can_only_shorten_a_ttl() -> None:
    accesses = ask("ab" * 200)
    assert measure_ceiling(accesses, 9.5, jitter_ratio=0.5) < measure_ceiling(accesses, 9.5, jitter_ratio=0)


def test_a_sample_without_the_hottest_keys_is_corrected_by_how_many_lookups_there_should_be() -> None:
    sample = replace(ask("abab"), sample_ratio=0.5, whole=40)
    assert measure_ceiling(sample, None) == 1 - 2 / 20
