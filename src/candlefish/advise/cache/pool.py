"""`Pool`: the candidates for eviction that Redis remembers from one sample to the next (evict.c)."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Final

POOL_SIZE: Final = 16
"""EVPOOL_SIZE of evict.c."""


class Pool:
    """Candidates with their idle time of when they were sampled: used since, they are evicted all the same."""

    __slots__ = ("_idle", "_keys")

    def __init__(self) -> None:
        self._idle: list[int] = []
        self._keys: list[int] = []

    def offer(self, keys: Iterable[int], measure_idle: Callable[[int], int]) -> None:
        """Take those keys in that are idle for longer than the least idle one, or for which there is room."""
        idle, names = self._idle, self._keys
        for key in keys:
            value = measure_idle(key)
            place = bisect_left(idle, value)
            if len(idle) < POOL_SIZE:
                idle.insert(place, value)
                names.insert(place, key)
            elif place:
                idle.insert(place, value)
                names.insert(place, key)
                del idle[0], names[0]

    def take(self, is_here: Callable[[int], bool]) -> int | None:
        """Take the most idle key out that is still kept; None when there is none: all are gone then."""
        while self._keys:
            self._idle.pop()
            key = self._keys.pop()
            if is_here(key):
                return key
        return None
