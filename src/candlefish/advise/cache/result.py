"""What the advice on a cache consists of: data alone, so that a report needs nothing of what made it."""

from dataclasses import dataclass
from typing import Final

from candlefish.advise.cache.policies import PolicyName
from candlefish.units import render_seconds

PROMISED_POINTS: Final = 2.0
"""The prediction is wrong when it differs from the replay by more hundredths of the lookups."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one combination brings; `keys_held` are those of the whole application."""

    maxmemory_bytes: int
    policy: PolicyName
    ttl_s: float | None
    hit_ratio: float
    keys_held: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What no memory gets beyond, with a TTL."""

    ttl_s: float | None
    hit_ratio: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The point to take, the ceiling it is measured by, and whether it is as near to it as was asked for."""

    point: Point
    ceiling_ratio: float
    near: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Predicted and measured share of hits of one setting over `accesses` lookups; `late_s`: see `Replayed`.

    `evicted` is what the real Redis evicted: where it is 0, the memory was enough and no policy was put to the test.
    """

    policy: PolicyName
    ttl_s: float | None
    data_bytes: int
    accesses: int
    seconds: float
    predicted: float
    measured: float
    predicted_keys: int
    measured_keys: int
    evicted: int
    redis_version: str
    late_s: float

    @property
    def points(self) -> float:
        """Return by how many hundredths of the lookups the prediction is too high."""
        return (self.predicted - self.measured) * 100

    @property
    def holds(self) -> bool:
        """Tell whether the prediction was as near as promised."""
        return abs(self.points) <= PROMISED_POINTS


@dataclass(frozen=True, slots=True)
class Facts:
    """What the advice rests on.

    `lookups` and `keys` are those of the whole application, as far as the recorded share tells; `all_keys_bytes` is
    what all of these keys would take in Redis.
    """

    seconds: float
    lookups: int
    keys: int
    recorded_lookups: int
    sample_ratio: float
    simulated_lookups: int
    recorded_hit_ratio: float | None
    mean_value_bytes: float
    all_keys_bytes: int
    overhead_bytes: int


@dataclass(frozen=True, slots=True)
class CacheAdvice:
    """What `candlefish cache advise` finds; `checked` is empty unless it was replayed on a real Redis."""

    facts: Facts
    ceilings: tuple[Ceiling, ...]
    points: tuple[Point, ...]
    choice: Choice
    notes: tuple[str, ...]
    checked: tuple[Checked, ...] = ()


def name_ttl(ttl_s: float | None) -> str:
    """Print a TTL."""
    return "no TTL" if ttl_s is None else render_seconds(ttl_s)
