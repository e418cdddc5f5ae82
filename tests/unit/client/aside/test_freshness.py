import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.entry import MSGPACK, TIMED, Header
from candlefish.client.aside.freshness import Freshness, is_early, judge, time_entry
from candlefish.client.aside.policy import Policy

NOW = 1_700_000_000_000
WINDOWS = Policy(ttl_s=10, stale_while_revalidate_s=2, stale_on_error_s=5)


def make_header(until_ms: int, load_ms: int = 100, flags: int = MSGPACK | TIMED) -> Header:
    return Header(flags, b"form", b"epoch-8b", b"stampled", until_ms, load_ms)


@pytest.mark.parametrize(
    ("late_ms", "freshness"),
    [
        (-1, Freshness.FRESH),
        (0, Freshness.STALE),
        (1999, Freshness.STALE),
        (2000, Freshness.SPARE),
        (4999, Freshness.SPARE),
        (5000, Freshness.GONE),
    ],
)
def test_a_policy_says_what_an_entry_is_good_for(late_ms: int, freshness: Freshness) -> None:
    assert judge(make_header(NOW - late_ms), WINDOWS, NOW) is freshness


def test_past_its_time_an_entry_is_gone_unless_the_reader_says_otherwise() -> None:
    assert judge(make_header(NOW), Policy(), NOW) is Freshness.GONE


def test_an_entry_without_a_time_is_fresh_as_long_as_redis_keeps_it() -> None:
    assert judge(make_header(0, flags=MSGPACK), WINDOWS, NOW) is Freshness.FRESH


@given(st.floats(min_value=1e-9, max_value=1.0), st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_sooner_the_end_and_the_longer_the_load_the_likelier_is_an_early_refresh(
    chance: float, load_ms: int, left_ms: int
) -> None:
    early = is_early(make_header(NOW + left_ms, load_ms), 1.0, NOW, chance)
    assert is_early(make_header(NOW + left_ms // 2, load_ms), 1.0, NOW, chance) >= early
    assert is_early(make_header(NOW + left_ms, load_ms * 2), 1.0, NOW, chance) >= early
    assert is_early(make_header(NOW + left_ms, load_ms), 2.0, NOW, chance) >= early


def test_an_early_refresh_begins_one_load_time_before_the_end_with_the_chance_of_the_paper() -> None:
    header = make_header(NOW + 100, load_ms=100)
    assert is_early(header, 1.0, NOW, 0.36)  # e ** -1 = 0.368: the gap has to be at least one load time
    assert not is_early(header, 1.0, NOW, 0.37)


def test_without_beta_nothing_is_early() -> None:
    assert not is_early(make_header(NOW + 1), 0.0, NOW, 1e-300)


@given(st.floats(0.01, 1e6), st.floats(0, 0.9), st.floats(0, 1000))
def test_a_ttl_is_shortened_by_at_most_its_jitter_and_kept_on_for_the_windows(
    ttl_s: float, jitter_ratio: float, stale_s: float
) -> None:
    policy = Policy(jitter_ratio=jitter_ratio, stale_while_revalidate_s=stale_s)
    until_ms, ttl_ms, timed = time_entry(policy, ttl_s, NOW)
    fresh_ms = ttl_ms - round(stale_s * 1000)
    assert ttl_s * 1000 * (1 - jitter_ratio) - 1 <= fresh_ms <= max(1, ttl_s * 1000 + 1)
    assert until_ms == NOW + fresh_ms
    assert timed == bool(stale_s)
    assert ttl_ms >= 1


def test_jitter_spreads_the_ends_of_what_was_kept_together() -> None:
    assert len({time_entry(Policy(jitter_ratio=0.1), 300.0, NOW).ttl_ms for _ in range(100)}) > 50
    assert {time_entry(Policy(jitter_ratio=0), 300.0, NOW).ttl_ms for _ in range(100)} == {300_000}
