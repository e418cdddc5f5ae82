"""The whole advice, from a recording."""

from dataclasses import replace

import pytest
from tests.unit.advise.cache.workload import zipf

from candlefish.advise.cache.accesses import Accesses
from candlefish.advise.cache.advice import make_advice
from candlefish.advise.cache.check import predict, take_seconds, tighten
from candlefish.advise.cache.grid import Order
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.recording import Recording
from candlefish.advise.cache.result import CacheAdvice, Checked
from candlefish.advise.cache.server import Setting
from candlefish.units import render_bytes

ACCESSES = zipf(10_000, 2_000, seconds=300)


def advise(accesses: Accesses, order: Order | None = None, most: int = 10**6) -> CacheAdvice:
    return make_advice(Recording(accesses, 0.5), order or Order(), within=2, most_accesses=most)


def test_the_facts_are_those_of_the_recording() -> None:
    facts = advise(ACCESSES).facts
    assert (facts.lookups, facts.keys, facts.recorded_lookups) == (10_000, ACCESSES.objects, 10_000)
    assert (facts.sample_ratio, facts.recorded_hit_ratio, facts.mean_value_bytes) == (1.0, 0.5, 300.0)


def test_a_sample_stands_for_all_keys() -> None:
    facts = advise(replace(ACCESSES, sample_ratio=0.1, whole=110_000)).facts
    assert (facts.lookups, facts.keys) == (110_000, ACCESSES.objects * 10)


def test_a_ttl_that_outlasts_the_recording_is_the_same_as_none_and_said_so() -> None:
    found = advise(ACCESSES, Order(ttls=(60.0, 3600.0)))
    assert [ceiling.ttl_s for ceiling in found.ceilings] == [60.0, None]
    assert any("a TTL of 60 min is the same as none" in note for note in found.notes)


def test_a_long_recording_is_thinned_and_comes_near_the_whole() -> None:
    whole, thinned = advise(ACCESSES), advise(ACCESSES, most=6_000)
    assert thinned.facts.simulated_lookups < 8_000
    assert thinned.facts.lookups == whole.facts.lookups
    for one, other in zip(whole.points[-6:], thinned.points[-6:], strict=True):
        assert other.hit_ratio == pytest.approx(one.hit_ratio, abs=0.03)


def test_a_memory_for_few_keys_of_a_sample_is_doubted_up_to_where_there_are_enough() -> None:
    def doubts(accesses: Accesses, ttl_s: float | None = None) -> list[str]:
        return [note for note in advise(accesses, Order(ttls=(ttl_s,))).notes if "fewer than" in note]

    sample = replace(ACCESSES, sample_ratio=0.1)
    (doubt,) = doubts(sample)
    few = [point for point in advise(sample).points if point.keys_held < 1_000]
    assert doubt.startswith(f"{render_bytes(max(point.maxmemory_bytes for point in few))} and less")
    assert doubts(ACCESSES) == []


def test_few_keys_of_a_sample_that_all_fit_are_not_doubted() -> None:
    sample = replace(ACCESSES, sample_ratio=0.1)
    found = advise(sample, Order(ttls=(1.0,), memories=(10**8,)))
    assert found.points[0].keys_held < 1_000
    assert found.notes == ()


def test_a_prediction_is_between_nothing_and_the_ceiling() -> None:
    room = make_footprint(ACCESSES.key_bytes, ACCESSES.value_bytes, expires=False).of_keys(300)
    ratio, keys = predict(ACCESSES, Setting(room, "allkeys-lfu"))
    assert 0.2 < ratio < advise(ACCESSES).ceilings[0].hit_ratio
    assert keys == pytest.approx(300, rel=0.05)


def test_a_check_has_memory_for_a_tenth_of_its_keys_at_most() -> None:
    footprint = make_footprint(ACCESSES.key_bytes, ACCESSES.value_bytes, expires=False)
    most = footprint.of_keys(ACCESSES.objects / 10)
    assert tighten(ACCESSES, Setting(10**8, "allkeys-lfu")) == Setting(most, "allkeys-lfu")
    assert tighten(ACCESSES, Setting(most - 1)) == Setting(most - 1)


def test_the_first_seconds_are_checked() -> None:
    assert take_seconds(ACCESSES, 30).seconds == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize(("measured", "holds"), [(0.81, True), (0.785, True), (0.825, False), (0.77, False)])
def test_a_prediction_holds_within_two_points_either_way(measured: float, holds: bool) -> None:
    checked = Checked("allkeys-lru", None, 1, 1, 1.0, 0.80, measured, 1, 1, 1, "7.0.15", 0.0)
    assert checked.holds is holds
    assert checked.points == pytest.approx((0.80 - measured) * 100)
