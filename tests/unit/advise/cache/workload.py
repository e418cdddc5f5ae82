"""Made-up accesses for tests: Zipf's law at a steady pace."""

from array import array
from bisect import bisect_left
from itertools import accumulate
from random import Random

from candlefish.advise.cache.accesses import Accesses, number_accesses


def zipf(count: int, objects: int, *, seconds: float, exponent: float = 0.9, seed: int = 1) -> Accesses:
    """Return `count` accesses to about `objects` keys of 24 bytes with values of 300."""
    weights = list(accumulate(1 / rank**exponent for rank in range(1, objects + 1)))
    random = Random(seed)
    names = [bisect_left(weights, random.random() * weights[-1]) for _ in range(count)]
    return number_accesses(names, array("q", (round(place * seconds * 1000 / count) for place in range(count))))


def ask(keys: str, *, every_ms: int = 1000, value_bytes: int = 300) -> Accesses:
    """Return accesses to keys of one letter, one after the other."""
    times_ms = [place * every_ms for place in range(len(keys))]
    return number_accesses(map(ord, keys), times_ms, value_bytes=value_bytes)
