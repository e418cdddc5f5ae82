"""`Accesses`: who asked for what, when: what every simulation and every replay starts from."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Final

MS: Final = 1000

DEFAULT_KEY_BYTES: Final = 24
"""Length of a key of which nobody recorded it: `dashboard:` with a number, and a prefix."""

DEFAULT_VALUE_BYTES: Final = 300
"""Length of a value of which nobody recorded it, as in the replays of the reference traces."""

LEAST_KEYS: Final = 1_000
"""Fewer keys are not thinned out: what a handful of them has in common is chance."""


@dataclass(frozen=True, slots=True)
class Accesses:
    """Lookups in the order of their time; keys are numbered from 0.

    `times_ms` are since 1970 where they were recorded. `key_bytes` and `value_bytes` are the lengths of each key and
    its value as Redis keeps them. Of all keys the share `sample_ratio` was recorded, each with all of its accesses;
    `whole` is how many accesses of all keys there were meanwhile (0: unknown).
    """

    keys: Sequence[int]
    times_ms: Sequence[int]
    key_bytes: Sequence[int]
    value_bytes: Sequence[int]
    sample_ratio: float = 1.0
    whole: int = 0

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def objects(self) -> int:
        """Return how many keys there are."""
        return len(self.key_bytes)

    @property
    def seconds(self) -> float:
        """Return the time from the first access to the last."""
        return (self.times_ms[-1] - self.times_ms[0]) / MS if self.times_ms else 0.0

    @property
    def expected(self) -> float:
        """Return how many accesses a sample of average keys would have: by this count hit ratios are divided.

        A sample that misses the hottest keys has too few accesses, and one that has them too many, though the misses
        are the same: SHARDS-adj of Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST 2015.
        """
        return self.whole * self.sample_ratio if self.whole else float(len(self))


def number_accesses(
    names: Iterable[int],
    times_ms: Sequence[int],
    *,
    key_bytes: int = DEFAULT_KEY_BYTES,
    value_bytes: int = DEFAULT_VALUE_BYTES,
) -> Accesses:
    """Return accesses of keys that have any names; all keys and values have the same lengths."""
    numbers: dict[int, int] = {}
    keys = array("l", (numbers.setdefault(name, len(numbers)) for name in names))
    return Accesses(keys, times_ms, [key_bytes] * len(numbers), [value_bytes] * len(numbers))


def take_first(accesses: Accesses, count: int) -> Accesses:
    """Return the first accesses alone, with no key that they do not ask for."""
    if count >= len(accesses):
        return accesses
    numbers: dict[int, int] = {}
    keys = array("l", (numbers.setdefault(key, len(numbers)) for key in islice(accesses.keys, count)))
    share = count / len(accesses)
    return replace(
        accesses,
        keys=keys,
        times_ms=accesses.times_ms[:count],
        key_bytes=[accesses.key_bytes[key] for key in numbers],
        value_bytes=[accesses.value_bytes[key] for key in numbers],
        whole=round(accesses.whole * share),
    )


def thin(accesses: Accesses, most: int, seed: int = 0) -> Accesses:
    """Return the accesses of so many random keys that there are about `most`, but of `LEAST_KEYS` keys at least."""
    objects = accesses.objects
    count = max(round(objects * most / len(accesses)), min(LEAST_KEYS, objects))
    if count >= objects:
        return accesses
    numbers = {key: number for number, key in enumerate(sorted(Random(seed).sample(range(objects), count)))}
    places = [place for place, key in enumerate(accesses.keys) if key in numbers]
    return Accesses(
        array("l", (numbers[accesses.keys[place]] for place in places)),
        array("q", (accesses.times_ms[place] for place in places)),
        [accesses.key_bytes[key] for key in numbers],
        [accesses.value_bytes[key] for key in numbers],
        accesses.sample_ratio * count / objects,
        accesses.whole or round(len(accesses) / accesses.sample_ratio),
    )
