"""The local tier by the clock: for how long it serves what it keeps."""

import pytest

from candlefish.client.aside.entry import MSGPACK, Header
from candlefish.client.local import tier
from candlefish.client.local.tier import LEASE_S, LocalTier

NOW_S = 1_000_000.0


class Clock:
    """A clock that a test moves; both clocks of the tier are this one."""

    now_s = NOW_S

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock."""
    clock = Clock()
    monkeypatch.setattr(tier, "monotonic", clock)
    monkeypatch.setattr(tier, "time", clock)
    return clock


def make_entry(until_s: float) -> bytes:
    return Header(MSGPACK, b"form", b"epoch-8b", b"stampled", round(until_s * 1000), 0).pack() + b"value"


def make_tier(asked_s: float = NOW_S) -> LocalTier:
    local = LocalTier(100_000)
    local.renew(asked_s)
    return local


def test_an_entry_is_served_until_its_ttl_ends(clock: Clock) -> None:
    local = make_tier()
    local.put("key", make_entry(NOW_S + 0.1))
    assert local.find("key") == make_entry(NOW_S + 0.1)
    clock.now_s += 0.11
    assert local.find("key") is None


def test_nothing_is_served_when_redis_has_answered_nothing_for_the_time_of_the_lease(clock: Clock) -> None:
    local = make_tier()
    local.put("key", make_entry(NOW_S + 60))
    clock.now_s += LEASE_S * 0.9
    assert local.find("key")
    clock.now_s += LEASE_S * 0.2
    assert local.find("key") is None
    local.renew(clock.now_s)
    assert local.find("key")


def test_without_an_answer_nothing_is_served(clock: Clock) -> None:
    local = LocalTier(100_000)
    local.put("key", make_entry(clock.now_s + 60))
    assert local.find("key") is None


@pytest.mark.parametrize("raw", [b"", b"another program's", bytes(29), make_entry(NOW_S - 1)])
def test_what_is_no_entry_and_what_has_ended_is_not_kept(clock: Clock, raw: bytes) -> None:
    local = make_tier(clock.now_s)
    local.put("key", raw)
    assert local.read_counts()["local_entries"] == 0


def test_a_change_ends_one_key_and_a_lost_connection_all() -> None:
    local = make_tier()
    for key in ("a", "b", "c"):
        local.put(key, make_entry(4e9))
    local.changed([b"a", b"never read", b"\xff"])
    assert set(local.kept.entries) == {"b", "c"}
    local.changed(None)
    assert not local.kept.entries
