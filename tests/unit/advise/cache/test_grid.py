"""Which combinations are tried."""

from itertools import pairwise

import pytest
from tests.unit.advise.cache.workload import zipf

from candlefish.advise.cache.grid import Order, choose_memories, make_setting, measure_ceilings, round_up, simulate_grid
from candlefish.errors import UsageError

ACCESSES = zipf(10_000, 1_000, seconds=100)


def test_memories_are_those_of_a_growing_share_of_the_keys_up_to_all_of_them() -> None:
    memories = choose_memories(ACCESSES, Order())
    assert list(memories) == sorted(memories)
    points = simulate_grid(ACCESSES, Order(policies=("allkeys-lru",)))
    assert points[0].keys_held < ACCESSES.objects / 20
    assert points[-1].keys_held == ACCESSES.objects


def test_memories_that_are_given_are_tried_once_each() -> None:
    memory = 10_000_000
    assert choose_memories(ACCESSES, Order(memories=(memory * 2, memory, memory))) == (memory, memory * 2)


def test_a_memory_that_redis_needs_for_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="a maxmemory of 1000000 bytes holds no key") as refused:
        choose_memories(ACCESSES, Order(memories=(1_000_000,)))
    assert "--memory" in refused.value.hint


def test_more_connections_leave_less_for_keys() -> None:
    few, many = (make_setting(ACCESSES, Order(connections=n), 10**8, "allkeys-lru", None) for n in (1, 100))
    assert few.data_bytes - many.data_bytes == Order(connections=100).overhead_bytes - Order().overhead_bytes


def test_what_lies_beside_the_keys_leaves_less_for_them() -> None:
    alone, beside = (make_setting(ACCESSES, Order(beside_bytes=n), 10**8, "allkeys-lru", None) for n in (0, 10**6))
    assert alone.data_bytes - beside.data_bytes == 10**6


@pytest.mark.parametrize(("size", "rounded"), [(999, 999), (1000, 1000), (1001, 1010), (1_234_567, 1_240_000)])
def test_a_memory_has_three_digits(size: int, rounded: int) -> None:
    assert round_up(size) == rounded


def test_every_combination_is_there_and_those_that_end_first_come_first() -> None:
    order = Order(policies=("allkeys-lru", "volatile-ttl"), ttls=(None, 60.0, 10.0))
    points = simulate_grid(ACCESSES, order)
    assert list(dict.fromkeys(point.ttl_s for point in points)) == [10.0, 60.0, None]
    assert {point.policy for point in points if point.ttl_s is None} == {"allkeys-lru"}
    assert len(points) == len(choose_memories(ACCESSES, order)) * (2 + 2 + 1)


def test_no_combination_is_above_its_ceiling_and_a_longer_ttl_never_lowers_it() -> None:
    order = Order(ttls=(5.0, 50.0, None), jitter_ratio=0)
    ceilings = measure_ceilings(ACCESSES, order.ttls, 0)
    assert all(one.hit_ratio < next_one.hit_ratio for one, next_one in pairwise(ceilings))
    highest = {one.ttl_s: one.hit_ratio for one in ceilings}
    assert all(point.hit_ratio <= highest[point.ttl_s] for point in simulate_grid(ACCESSES, order))


def test_a_policy_that_needs_a_ttl_and_has_none_is_refused() -> None:
    with pytest.raises(UsageError, match="volatile-ttl"):
        simulate_grid(ACCESSES, Order(policies=("volatile-ttl",), ttls=(None,)))


def test_every_step_is_told() -> None:
    told: list[tuple[int, int]] = []
    points = simulate_grid(ACCESSES, Order(), lambda done, whole: told.append((done, whole)))
    assert told == [(done, len(points)) for done in range(len(points))]
