"""`KeyTable`: the hash table in which Redis keeps its keys, as far as it decides which of them are sampled."""

from random import Random
from typing import Final

FIRST_SLOTS: Final = 4
"""DICT_HT_INITIAL_SIZE of dict.h."""

FORCED_LOAD: Final = 1.618
"""HASHTABLE_MAX_LOAD_FACTOR of server.h: a fuller table grows even where `maxmemory` has no room for it."""

STEPS_A_SAMPLE: Final = 10
"""Buckets that dictGetSomeKeys visits at most for each key that it is to find."""

LEAST_EMPTY: Final = 5
"""Empty buckets in a row after which dictGetSomeKeys goes on elsewhere, when it was to find fewer keys than that."""

HASH_BITS: Final = 48


class KeyTable:
    """Keys by number, in the buckets of a table that doubles (dict.c). Rehashing takes no time here."""

    __slots__ = ("_buckets", "_hashes", "_mask", "_random", "used")

    def __init__(self, objects: int, random: Random) -> None:
        self._random = random.random
        self._hashes = [random.getrandbits(HASH_BITS) for _ in range(objects)]
        self._buckets: list[list[int]] = [[] for _ in range(FIRST_SLOTS)]
        self._mask = FIRST_SLOTS - 1
        self.used = 0

    @property
    def slots(self) -> int:
        """Return how many buckets there are."""
        return self._mask + 1

    @property
    def is_full(self) -> bool:
        """Tell whether the table would double with the next key, if it may."""
        return self.used > self._mask

    @property
    def has_to_grow(self) -> bool:
        """Tell whether the table doubles with the next key, whatever memory there is."""
        return self.used > FORCED_LOAD * (self._mask + 1)

    def grow(self) -> None:
        """Double the table, beyond the number of keys."""
        slots = 1 << self.used.bit_length()
        keys = [key for bucket in self._buckets for key in bucket]
        self._mask = slots - 1
        buckets: list[list[int]] = [[] for _ in range(slots)]
        self._buckets = buckets
        for key in keys:
            buckets[self._hashes[key] & self._mask].append(key)

    def add(self, key: int) -> None:
        """Put a key in that is not there."""
        self._buckets[self._hashes[key] & self._mask].append(key)
        self.used += 1

    def remove(self, key: int) -> None:
        """Take a key out that is there."""
        self._buckets[self._hashes[key] & self._mask].remove(key)
        self.used -= 1

    def sample(self, count: int) -> list[int]:
        """Return keys that stand next to each other at a random place, as dictGetSomeKeys does."""
        count = min(count, self.used)
        buckets, mask, random = self._buckets, self._mask, self._random
        found: list[int] = []
        index, empty = int(random() * (mask + 1)), 0
        for _ in range(count * STEPS_A_SAMPLE):
            bucket = buckets[index]
            if bucket:
                empty = 0
                found += bucket
                if len(found) >= count:
                    break
            else:
                empty += 1
                if empty >= LEAST_EMPTY and empty > count:
                    index, empty = int(random() * (mask + 1)), 0
            index = (index + 1) & mask
        return found if len(found) <= count else self._thin(found, count)

    def _thin(self, found: list[int], count: int) -> list[int]:
        """Drop what is too many by reservoir sampling, so that the end of a long bucket has its chance."""
        kept = found[:count]
        for stored in range(count, len(found)):
            place = int(self._random() * (stored + 1))
            if place < count:
                kept[place] = found[stored]
        return kept

    def choose(self) -> int:
        """Return one key as dictGetRandomKey does: a random bucket that is not empty, a random key of it."""
        while True:
            bucket = self._buckets[int(self._random() * (self._mask + 1))]
            if bucket:
                return bucket[int(self._random() * len(bucket))]
