"""The eviction policies of Redis 7.0: what each remembers of a key, and which key it gives up first."""

from collections.abc import Callable
from random import Random
from typing import Final, Literal, Protocol

PolicyName = Literal["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl"]

LRU_STEP_MS: Final = 1000
"""LRU_CLOCK_RESOLUTION of server.h: within a second no access is older than another."""

LFU_STEP_MS: Final = 60_000
"""`lfu-decay-time` 1, the default: a counter loses one a minute."""

LFU_FIRST: Final = 5
"""LFU_INIT_VAL of server.h: the counter of a new key."""

LFU_LAST: Final = 255
"""The counter has 8 bits."""

LFU_LOG_FACTOR: Final = 10
"""`lfu-log-factor`, the default."""


class Policy(Protocol):
    """Remember accesses, and say how dispensable a key is: the larger, the sooner it goes."""

    def tell_time(self, now_ms: int) -> None:
        """Set the clock."""

    def note_new(self, key: int, until_ms: float) -> None:
        """Note that a key was stored, and until when it lives."""

    def note_hit(self, key: int) -> None:
        """Note that a key was read."""

    def measure_idle(self, key: int) -> int:
        """Return how dispensable a key is."""


class _Lru:
    """Least recently used, by a clock of whole seconds."""

    def __init__(self, objects: int) -> None:
        self._seen = [0] * objects
        self._clock = 0

    def tell_time(self, now_ms: int) -> None:
        self._clock = now_ms // LRU_STEP_MS

    def note_new(self, key: int, until_ms: float) -> None:
        self._seen[key] = self._clock

    def note_hit(self, key: int) -> None:
        self._seen[key] = self._clock

    def measure_idle(self, key: int) -> int:
        return self._clock - self._seen[key]


class _Lfu:
    """Least frequently used, by a logarithmic counter that decays by the minute."""

    def __init__(self, objects: int, random: Random) -> None:
        self._counts = [0] * objects
        self._minutes = [0] * objects
        self._clock = 0
        self._random = random.random
        chances = (1.0 / (max(0, count - LFU_FIRST) * LFU_LOG_FACTOR + 1) for count in range(LFU_LAST))
        self._chances = (*chances, 0.0)

    def tell_time(self, now_ms: int) -> None:
        self._clock = now_ms // LFU_STEP_MS

    def note_new(self, key: int, until_ms: float) -> None:
        self._counts[key] = LFU_FIRST
        self._minutes[key] = self._clock

    def note_hit(self, key: int) -> None:
        count = self._decayed(key)
        if self._random() < self._chances[count]:
            count += 1
        self._counts[key] = count
        self._minutes[key] = self._clock

    def measure_idle(self, key: int) -> int:
        return LFU_LAST - self._decayed(key)

    def _decayed(self, key: int) -> int:
        count = self._counts[key] - self._clock + self._minutes[key]
        return count if count > 0 else 0


class _ShortestTtl:
    """The key whose TTL ends first."""

    def __init__(self, objects: int) -> None:
        self._until_ms = [0] * objects

    def tell_time(self, now_ms: int) -> None:
        pass

    def note_new(self, key: int, until_ms: float) -> None:
        self._until_ms[key] = round(until_ms)

    def note_hit(self, key: int) -> None:
        pass

    def measure_idle(self, key: int) -> int:
        return -self._until_ms[key]


class _Anyone:
    """No memory of accesses: any key goes."""

    def tell_time(self, now_ms: int) -> None:
        pass

    def note_new(self, key: int, until_ms: float) -> None:
        pass

    def note_hit(self, key: int) -> None:
        pass

    def measure_idle(self, key: int) -> int:
        return 0


POLICIES: Final[dict[PolicyName, Callable[[int, Random], Policy]]] = {
    "allkeys-lru": lambda objects, random: _Lru(objects),
    "allkeys-lfu": _Lfu,
    "volatile-ttl": lambda objects, random: _ShortestTtl(objects),
    "allkeys-random": lambda objects, random: _Anyone(),
}
