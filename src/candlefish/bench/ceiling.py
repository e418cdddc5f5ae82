"""What a perfect cache could have reached on the very lookups that were made. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

LOOKUP, FORGET = 0, 1
KeyEvent = tuple[float, int, int]
"""When (seconds), which key (a hash), and LOOKUP or FORGET."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Lookups in the window, how many of them a perfect cache answers, and how many keys they asked for."""

    lookups: int
    hits: int
    distinct_keys: int

    @property
    def ratio(self) -> float | None:
        """Return hits over lookups (0 to 1), or None without lookups."""
        return self.hits / self.lookups if self.lookups else None


def perfect_cache(events: Iterable[KeyEvent], known: dict[int, float], *, ttl_s: float, since: float) -> Ceiling:
    """Replay lookups and deletions against a cache without limits that loads at once.

    It misses a key only the first time, after a deletion, and when `ttl_s` has passed. `known` holds when each key was
    loaded before (and is brought up to date), so that the next run on the same Redis begins with what this one left.
    """
    lookups = hits = 0
    seen: set[int] = set()
    for at, key, kind in sorted(events):
        if kind == FORGET:
            known.pop(key, None)
            continue
        loaded_at = known.get(key)
        hit = loaded_at is not None and at - loaded_at < ttl_s
        if not hit:
            known[key] = at
        if at >= since:
            lookups += 1
            hits += hit
            seen.add(key)
    return Ceiling(lookups, hits, len(seen))
