"""Which of the combinations to take: the smallest that is near the ceiling."""

from collections.abc import Sequence
from typing import Final

from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.result import Ceiling, Choice, Point, name_ttl
from candlefish.units import render_bytes

POINTS: Final = 100

PREFERRED: Final[PolicyName] = "allkeys-lru"

PREFERRED_WITHIN: Final = 0.5
"""Points that another policy has to be better by: on the reference traces LFU is up to 15 worse and up to 6 better."""


def recommend(points: Sequence[Point], ceilings: Sequence[Ceiling], within: float) -> Choice:
    """Choose the shortest TTL, then the smallest memory, that loses at most `within` points, and the policy for it.

    Points are hundredths of all lookups. Of the TTLs the best ceiling counts; of the memories the ceiling of that TTL.
    When no memory is enough, the largest is chosen.
    """
    best = max(ceiling.hit_ratio for ceiling in ceilings)
    ceiling = next(one for one in ceilings if (best - one.hit_ratio) * POINTS <= within)
    here = [point for point in points if point.ttl_s == ceiling.ttl_s]
    memories = sorted({point.maxmemory_bytes for point in here})
    chosen = [choose_policy([point for point in here if point.maxmemory_bytes == memory]) for memory in memories]
    enough = [point for point in chosen if (ceiling.hit_ratio - point.hit_ratio) * POINTS <= within]
    point = enough[0] if enough else chosen[-1]
    return Choice(point, ceiling.hit_ratio, bool(enough), _explain(point, ceiling, chosen, here))


def choose_policy(points: Sequence[Point]) -> Point:
    """Return the best of one memory; the preferred policy where it is as good as that."""
    best = max(points, key=lambda point: point.hit_ratio)
    preferred = next((point for point in points if point.policy == PREFERRED), best)
    return preferred if (best.hit_ratio - preferred.hit_ratio) * POINTS <= PREFERRED_WITHIN else best


def _explain(point: Point, ceiling: Ceiling, chosen: Sequence[Point], here: Sequence[Point]) -> str:
    """Say in one sentence what to set, what it brings, and what the next smaller and the other policies lose."""
    ttl = "no TTL" if point.ttl_s is None else f"a TTL of {name_ttl(point.ttl_s)}"
    lost = _points(ceiling.hit_ratio - point.hit_ratio)
    text = (
        f"set maxmemory to {render_bytes(point.maxmemory_bytes)} with {point.policy} and {ttl}: "
        f"{point.hit_ratio * POINTS:.1f} % of lookups hit, {lost} points below the ceiling of "
        f"{ceiling.hit_ratio * POINTS:.1f} %"
    )
    others = []
    smaller = [one for one in chosen if one.maxmemory_bytes < point.maxmemory_bytes]
    if smaller:
        others.append(
            f"{render_bytes(smaller[-1].maxmemory_bytes)} loses {_points(point.hit_ratio - smaller[-1].hit_ratio)} more"
        )
    rivals = [one for one in here if one.maxmemory_bytes == point.maxmemory_bytes and one.policy != point.policy]
    differ = [one for one in rivals if _points(abs(one.hit_ratio - point.hit_ratio)) != _points(0)]
    others += [
        f"{one.policy} {'gains' if one.hit_ratio > point.hit_ratio else 'loses'} "
        f"{_points(abs(one.hit_ratio - point.hit_ratio))}"
        for one in differ
    ]
    if rivals and not differ:
        others.append("the other policies do as well")
    return "; ".join([text, ", ".join(others)]) if others else text


def _points(ratio: float) -> str:
    return f"{max(0.0, ratio * POINTS):.1f}"
