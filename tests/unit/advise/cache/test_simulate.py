"""The simulated Redis: what hits, what is evicted, what has ended."""

import pytest
from tests.unit.advise.cache.workload import ask, zipf

from candlefish.advise.cache.accesses import Accesses
from candlefish.advise.cache.ceiling import measure_ceiling
from candlefish.advise.cache.memory import make_footprint, size_key
from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.server import Setting, SimulatedRedis
from candlefish.advise.cache.simulate import simulate

PLENTY = 1 << 30


def room_for(accesses: Accesses, keys: float, *, expires: bool = False) -> int:
    return make_footprint(accesses.key_bytes, accesses.value_bytes, expires=expires).of_keys(keys)


def hits(accesses: Accesses, setting: Setting) -> list[bool]:
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=setting.ttl_s is not None)
    redis = SimulatedRedis(setting, footprint)
    return [redis.look_up(key, at_ms) for key, at_ms in zip(accesses.keys, accesses.times_ms, strict=True)]


def test_with_room_for_all_only_the_first_access_to_a_key_misses() -> None:
    assert hits(ask("abacab"), Setting(PLENTY)) == [False, False, True, False, True, True]


def test_lru_keeps_what_is_read_again_and_again() -> None:
    accesses = ask("abacadaeafag" * 3)
    found = hits(accesses, Setting(room_for(accesses, 3), "allkeys-lru"))
    assert all(found[2::2])
    assert not any(found[1:12:2])


def test_a_value_ends_with_its_ttl_and_is_loaded_anew() -> None:
    assert hits(ask("aaaaaaa"), Setting(PLENTY, ttl_s=2.5, jitter_ratio=0)) == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("ttl_s", [None, 3.0])
@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
def test_with_room_for_all_the_ceiling_is_reached_under_every_policy(policy: PolicyName, ttl_s: float | None) -> None:
    accesses = zipf(20_000, 1_000, seconds=20)
    found = simulate(accesses, Setting(PLENTY, policy, ttl_s, jitter_ratio=0))
    assert found.hit_ratio == pytest.approx(measure_ceiling(accesses, ttl_s, jitter_ratio=0))


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl"])
def test_no_more_is_held_than_the_memory_has_room_for(policy: PolicyName) -> None:
    accesses = zipf(20_000, 1_000, seconds=20)
    data_bytes = room_for(accesses, 100, expires=True)
    found = simulate(accesses, Setting(data_bytes, policy, 60.0))
    one = size_key(24, 300, expires=True)
    assert 90 <= found.keys_held <= data_bytes // one + 1
    assert 0 < found.hit_ratio < measure_ceiling(accesses, 60.0)


def test_more_memory_hits_more() -> None:
    accesses = zipf(30_000, 2_000, seconds=30)
    found = [simulate(accesses, Setting(room_for(accesses, keys))).hit_ratio for keys in (20, 100, 500, 1_500)]
    assert found == sorted(found)
    assert found[-1] - found[0] > 0.3


def test_what_has_ended_makes_room_for_others_without_being_asked_for() -> None:
    accesses = ask("abcdefghij" + "k" * 20, every_ms=200)
    found = simulate(accesses, Setting(PLENTY, ttl_s=1.0, jitter_ratio=0))
    assert found.keys_held == 1


def test_a_seed_repeats_a_simulation() -> None:
    accesses = zipf(20_000, 1_000, seconds=20)
    setting = Setting(room_for(accesses, 50), "allkeys-random")
    assert simulate(accesses, setting, 3) == simulate(accesses, setting, 3) != simulate(accesses, setting, 4)
