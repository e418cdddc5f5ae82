"""A cache's advice with made-up figures, for tests of what is printed."""

from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.result import CacheAdvice, Ceiling, Checked, Choice, Facts, Point

MB = 1 << 20
FACTS = Facts(900.0, 95_607, 13_756, 9_560, 0.1, 9_560, 0.612, 300.0, 6 * MB, MB)


def checked(policy: PolicyName, measured: float, evicted: int = 900) -> Checked:
    return Checked(policy, None, 4 * MB, 20_000, 120.0, 0.80, measured, 500, 501, evicted, "7.0.15", 0.02)


def made_up(*, near: bool = True, against: tuple[Checked, ...] = (), note: str = "a <note> & more") -> CacheAdvice:
    """Return an advice of two TTLs, two memories and two policies; the last memory is the one to take."""
    ceilings = (Ceiling(60.0, 0.7), Ceiling(None, 0.856))
    points = tuple(
        Point(memory * MB, policy, one.ttl_s, one.hit_ratio * share, 1_234 * memory)
        for one in ceilings
        for memory, share in ((2, 0.8), (4, 1.0))
        for policy in ("allkeys-lru", "allkeys-lfu")
    )
    choice = Choice(points[-2], 0.856, near, "set maxmemory to 4 MB with allkeys-lru and no TTL")
    return CacheAdvice(FACTS, ceilings, points, choice, (note,), against)
