"""What counts as growth, and what does not."""

from collections.abc import Callable

import pytest

from harness.footprint import MIB, Footprint, Growth, find_growth

LOOKS = 100


def growth_of(figure: str, value_at: Callable[[int], float]) -> Growth:
    """Judge one figure over a run; all others stand still."""
    still = {"rss_bytes": 100 * MIB, "open_files": 40, "sockets": 30, "tasks": 70, "keys_without_ttl": 0}
    looks = [Footprint(float(at), 0.0, **{**still, figure: int(value_at(at))}) for at in range(LOOKS)]
    return next(one for one in find_growth(looks) if one.figure == figure)


@pytest.mark.parametrize("figure", ["rss_bytes", "open_files", "sockets", "tasks", "keys_without_ttl"])
def test_what_stands_still_does_not_grow(figure: str) -> None:
    growth = growth_of(figure, lambda _at: 100 * MIB)
    assert growth.grown == 0
    assert not growth.grows


def test_memory_that_rises_all_the_time_grows() -> None:
    growth = growth_of("rss_bytes", lambda at: 100 * MIB + at * MIB / 5)
    assert growth.grown == pytest.approx(43 * MIB / 5, rel=0.05)
    assert growth.grows


def test_what_rises_in_the_first_half_only_is_warm_up() -> None:
    assert not growth_of("rss_bytes", lambda at: min(at, LOOKS // 2) * MIB).grows


def test_a_fault_that_opens_sockets_for_a_moment_is_no_growth() -> None:
    assert not growth_of("sockets", lambda at: 300 if 60 <= at < 70 else 30).grows


def test_a_socket_that_stays_after_each_of_many_faults_grows() -> None:
    assert growth_of("sockets", lambda at: 30 + at // 10).grows


def test_a_single_kind_of_key_that_stays_grows() -> None:
    assert growth_of("keys_without_ttl", lambda at: at // 20).grows


def test_a_pool_that_is_as_full_again_as_it_was_before_a_fault_is_no_growth() -> None:
    assert not growth_of("sockets", lambda at: 20 if 40 <= at < 70 else 30).grows


def test_memory_that_swings_is_no_growth() -> None:
    assert not growth_of("rss_bytes", lambda at: (100 + at % 7) * MIB).grows
