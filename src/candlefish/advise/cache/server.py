"""`SimulatedRedis`: Redis 7.0 with `maxmemory`, filled by cache-aside: what is asked for and missing is stored."""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from random import Random
from typing import Final

from candlefish.advise.cache.keytable import KeyTable
from candlefish.advise.cache.memory import Footprint, size_table
from candlefish.advise.cache.policies import POLICIES, PolicyName
from candlefish.advise.cache.pool import Pool

SAMPLES: Final = 5
"""`maxmemory-samples`, the default."""

CRON_MS: Final = 100
"""`hz` 10, the default: how often Redis sets its clocks and looks for what has expired."""

GONE: Final = -1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """Bytes for the keys and their tables, who is evicted, for how long a value lives (None: for ever).

    As in the client's `Policy`, each TTL is shortened by a random share of up to `jitter_ratio`.
    """

    data_bytes: int
    policy: PolicyName = "allkeys-lru"
    ttl_s: float | None = None
    jitter_ratio: float = 0.1


class SimulatedRedis:
    """Answer lookups by number, and keep what was missing."""

    def __init__(self, setting: Setting, footprint: Footprint, seed: int = 0) -> None:
        random = Random(seed)
        objects = len(footprint.sizes)
        self._setting, self._sizes, self._expires = setting, footprint.sizes, footprint.expires
        self._random = random.random
        self._table = KeyTable(objects, random)
        self._pool = Pool()
        self._policy = POLICIES[setting.policy](objects, random)
        self._until_ms = [GONE] * objects
        self._ttl_ms = inf if setting.ttl_s is None else setting.ttl_s * 1000
        self._used = size_table(self._table.slots, expires=self._expires)
        self._old_table = 0
        self._tick = -1
        self._ends: list[tuple[float, int]] = []

    @property
    def keys_held(self) -> int:
        """Return how many keys are kept; what ended since the last tick is still among them."""
        return self._table.used

    def look_up(self, key: int, now_ms: int) -> bool:
        """Return whether a key is there; if not, store it. Times must not go back."""
        if now_ms // CRON_MS != self._tick:
            self._run_cron(now_ms)
        if self._used + self._old_table > self._setting.data_bytes:
            self._make_room()
        until_ms = self._until_ms[key]
        if until_ms > now_ms:
            self._policy.note_hit(key)
            return True
        if until_ms != GONE:
            self._drop(key)
        self._store(key, now_ms)
        return False

    def _store(self, key: int, now_ms: int) -> None:
        table = self._table
        if table.is_full and (table.has_to_grow or self._has_room(size_table(table.slots * 2, expires=self._expires))):
            self._old_table += size_table(table.slots, expires=self._expires)
            self._used -= size_table(table.slots, expires=self._expires)
            table.grow()
            self._used += size_table(table.slots, expires=self._expires)
        table.add(key)
        self._used += self._sizes[key]
        until_ms = now_ms + self._ttl_ms * (1 - self._setting.jitter_ratio * self._random()) if self._expires else inf
        self._until_ms[key] = until_ms
        if self._expires:
            heappush(self._ends, (until_ms, key))
        self._policy.note_new(key, until_ms)

    def _has_room(self, more_bytes: int) -> bool:
        return self._used + self._old_table + more_bytes <= self._setting.data_bytes

    def _drop(self, key: int) -> None:
        self._table.remove(key)
        self._used -= self._sizes[key]
        self._until_ms[key] = GONE

    def _is_here(self, key: int) -> bool:
        return self._until_ms[key] != GONE

    def _make_room(self) -> None:
        """Evict until what is kept fits again: performEvictions of evict.c."""
        limit = self._setting.data_bytes - self._old_table
        while self._used > limit and self._table.used:
            self._drop(self._choose_victim())

    def _choose_victim(self) -> int:
        if self._setting.policy == "allkeys-random":
            return self._table.choose()
        while True:
            self._pool.offer(self._table.sample(SAMPLES), self._policy.measure_idle)
            victim = self._pool.take(self._is_here)
            if victim is not None:
                return victim

    def _run_cron(self, now_ms: int) -> None:
        """Set the clocks, end the rehashing, and drop what has ended.

        Redis finds it in the seconds after: on web12 with a TTL of 15 s that makes 0.3 points (measured).
        """
        self._tick = now_ms // CRON_MS
        self._old_table = 0
        self._policy.tell_time(now_ms)
        while self._ends and self._ends[0][0] <= now_ms:
            until_ms, key = heappop(self._ends)
            if self._until_ms[key] == until_ms:  # not evicted, or stored anew, meanwhile
                self._drop(key)
