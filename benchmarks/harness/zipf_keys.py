"""Which keys are asked for: a few of them most of the time, as in the traces of real caches."""

from itertools import accumulate
from random import Random
from typing import Final

EXPONENT: Final = 0.99
"""YCSB's default skew."""

DRAWS: Final = 60_000
"""Keys that are drawn before the measurement and then asked for in turn, over and over."""

MOST_BYTES: Final = 100_000_000
"""Of values that one library keeps in the server: larger values are fewer."""


def zipf_numbers(keys: int, seed: int, draws: int = DRAWS) -> list[int]:
    """Return numbers from 1 (the most popular) to `keys`; the same seed gives the same ones."""
    weights = list(accumulate(rank**-EXPONENT for rank in range(1, keys + 1)))
    return Random(seed).choices(range(1, keys + 1), cum_weights=weights, k=draws)


def key_count(value_bytes: int, most: int) -> int:
    """Return how many keys of a size are kept."""
    return max(1, min(most, MOST_BYTES // value_bytes))
