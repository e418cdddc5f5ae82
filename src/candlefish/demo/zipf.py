"""Ranks with a Zipf distribution, drawn as YCSB's ZipfianGenerator draws them.

The method is that of Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (SIGMOD 1994): constant time
a draw once zeta(items) is known. Ranks 1 and 2 come out exactly as often as they should; the further ones follow a
continuous approximation, as in YCSB.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

EXPONENT = 0.99
"""YCSB's default skew."""


@lru_cache(maxsize=64)
def zeta(items: int, exponent: float = EXPONENT) -> float:
    """Return the sum of 1/rank**exponent over the ranks 1..items."""
    return math.fsum(rank**-exponent for rank in range(1, items + 1))


def probability(rank: int, items: int, exponent: float = EXPONENT) -> float:
    """Return how likely one draw from 1..items is this rank."""
    return float(rank**-exponent) / zeta(items, exponent)


@dataclass(frozen=True, slots=True)
class Zipf:
    """Draws ranks from 1 (the most popular) to `items`."""

    items: int
    exponent: float = EXPONENT
    _zeta: float = field(init=False, repr=False)
    _alpha: float = field(init=False, repr=False)
    _eta: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        total = zeta(self.items, self.exponent)
        half = zeta(min(2, self.items), self.exponent)
        spread = 1.0 - half / total
        eta = (1.0 - (2.0 / self.items) ** (1.0 - self.exponent)) / spread if spread else 0.0
        object.__setattr__(self, "_zeta", total)
        object.__setattr__(self, "_alpha", 1.0 / (1.0 - self.exponent))
        object.__setattr__(self, "_eta", eta)

    def draw(self, random: Random) -> int:
        """Return one rank."""
        u = random.random()
        scaled = u * self._zeta
        if scaled < 1.0:
            return 1
        if scaled < 1.0 + 0.5**self.exponent:
            return min(2, self.items)
        return min(self.items, 1 + int(self.items * (self._eta * u - self._eta + 1.0) ** self._alpha))
