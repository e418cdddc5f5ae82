"""Which combination is to be taken, and what is said of the others."""

from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.recommend import recommend
from candlefish.advise.cache.result import Ceiling, Point

MB = 1 << 20
CEILING = (Ceiling(None, 0.90),)


def point(megabytes: int, hit_ratio: float, policy: PolicyName = "allkeys-lru", ttl_s: float | None = None) -> Point:
    return Point(megabytes * MB, policy, ttl_s, hit_ratio, 100)


def test_the_smallest_memory_near_the_ceiling_is_taken() -> None:
    choice = recommend([point(10, 0.70), point(20, 0.885), point(40, 0.90)], CEILING, within=2)
    assert choice.near
    assert choice.point.maxmemory_bytes == 20 * MB
    assert "20 MB with allkeys-lru and no TTL: 88.5 % of lookups hit, 1.5 points below" in choice.reason
    assert "10 MB loses 18.5 more" in choice.reason


def test_when_none_is_near_the_largest_is_taken_and_said_to_be_far() -> None:
    choice = recommend([point(10, 0.50), point(20, 0.60)], CEILING, within=2)
    assert not choice.near
    assert choice.point.maxmemory_bytes == 20 * MB


def test_another_policy_is_taken_only_where_it_is_clearly_better() -> None:
    nearly = recommend([point(10, 0.890), point(10, 0.893, "allkeys-lfu")], CEILING, within=2)
    clearly = recommend([point(10, 0.885), point(10, 0.898, "allkeys-lfu")], CEILING, within=2)
    assert nearly.point.policy == "allkeys-lru"
    assert "allkeys-lfu gains 0.3" in nearly.reason
    assert clearly.point.policy == "allkeys-lfu"
    assert "allkeys-lru loses 1.3" in clearly.reason


def test_policies_that_do_as_well_are_not_counted_up() -> None:
    choice = recommend([point(10, 0.9), point(10, 0.9, "allkeys-lfu"), point(10, 0.9, "allkeys-random")], CEILING, 2)
    assert choice.reason.endswith("the other policies do as well")


def test_the_shortest_ttl_near_the_best_ceiling_is_taken() -> None:
    ceilings = (Ceiling(60.0, 0.70), Ceiling(300.0, 0.89), Ceiling(None, 0.90))
    points = [point(10, one.hit_ratio, ttl_s=one.ttl_s) for one in ceilings]
    assert recommend(points, ceilings, within=2).point.ttl_s == 300.0
    assert recommend(points, ceilings, within=0.5).point.ttl_s is None
