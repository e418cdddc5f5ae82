"""Figures of a timeline. No I/O."""

from collections.abc import Iterable
from itertools import pairwise


def longest_gap_s(times: Iterable[float]) -> float:
    """Return the longest time between two neighbours of ascending times; 0 for fewer than two."""
    return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


def times_of_growth(watched: Iterable[tuple[float, int]]) -> list[float]:
    """Return when a counter was seen to have grown."""
    return [now for (_before, old), (now, new) in pairwise(watched) if new > old]
