"""Run recorded accesses through the simulated Redis."""

from dataclasses import dataclass

from candlefish.advise.cache.accesses import Accesses
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.server import Setting, SimulatedRedis


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a setting: the share of lookups that hit, of those recorded and of all that they stand for."""

    sampled_hit_ratio: float
    hit_ratio: float
    keys_held: int


def simulate(accesses: Accesses, setting: Setting, seed: int = 0) -> Simulated:
    """Return what Redis would do with so much memory for the recorded keys, beginning empty."""
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=setting.ttl_s is not None)
    redis = SimulatedRedis(setting, footprint, seed)
    hits = sum(map(redis.look_up, accesses.keys, accesses.times_ms))
    misses = len(accesses) - hits
    return Simulated(hits / max(1, len(accesses)), estimate_hit_ratio(accesses, misses), redis.keys_held)


def estimate_hit_ratio(accesses: Accesses, misses: int) -> float:
    """Return the hit ratio of all keys from the misses of those recorded; see `Accesses.expected`."""
    return max(0.0, 1 - misses / accesses.expected) if accesses.expected else 0.0
