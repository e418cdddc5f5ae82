"""The ceiling: what a cache of any size could hit at most."""

from math import inf
from random import Random

from candlefish.advise.cache.accesses import MS, Accesses
from candlefish.advise.cache.simulate import estimate_hit_ratio


def measure_ceiling(accesses: Accesses, ttl_s: float | None, jitter_ratio: float = 0.1, seed: int = 0) -> float:
    """Return the hit ratio with memory for everything, beginning empty.

    What remains are the first access to each key and, with a TTL, the first one after each value's end.
    """
    chance = Random(seed).random
    until_ms = [-inf] * accesses.objects
    misses = 0
    for key, now_ms in zip(accesses.keys, accesses.times_ms, strict=True):
        if until_ms[key] <= now_ms:
            misses += 1
            until_ms[key] = inf if ttl_s is None else now_ms + ttl_s * MS * (1 - jitter_ratio * chance())
    return estimate_hit_ratio(accesses, misses)
