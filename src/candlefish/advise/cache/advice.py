"""The whole advice: what was recorded, what every combination brings, and which one to take."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from candlefish.advise.cache.accesses import Accesses, thin
from candlefish.advise.cache.grid import Order, measure_ceilings, simulate_grid
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.recommend import recommend
from candlefish.advise.cache.recording import Recording
from candlefish.advise.cache.result import CacheAdvice, Ceiling, Facts, Point, name_ttl
from candlefish.units import render_bytes

LEAST_HELD: Final = 100
"""Of a sample of the keys so many have to be held: with 14 of them the ratio was up to 9 points off, with 76 up to 2,
with 137 and more up to 1.4 (a tenth of the keys of the reference traces, five samples: benchmarks/cache_advice.py)."""

AT_CEILING_RATIO: Final = 0.001
"""So near to the ceiling next to nothing is evicted."""


def make_advice(
    recording: Recording,
    order: Order,
    *,
    within: float,
    most_accesses: int,
    on_step: Callable[[int, int], None] = lambda _done, _all: None,
) -> CacheAdvice:
    """Simulate every combination on at most about `most_accesses` accesses, and choose."""
    accesses = recording.accesses
    order, notes = _drop_long_ttls(order, accesses)
    used = thin(accesses, most_accesses)
    points = simulate_grid(used, order, on_step)
    ceilings = measure_ceilings(used, order.ttls, order.jitter_ratio)
    choice = recommend(points, ceilings, within)
    notes += _doubt_small(points, ceilings, used.sample_ratio)
    return CacheAdvice(_make_facts(recording, used, order), ceilings, points, choice, notes)


def _make_facts(recording: Recording, used: Accesses, order: Order) -> Facts:
    accesses = recording.accesses
    keys = accesses.objects / accesses.sample_ratio
    expires = any(ttl_s is not None for ttl_s in order.ttls)
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=expires)
    return Facts(
        seconds=accesses.seconds,
        lookups=accesses.whole or round(len(accesses) / accesses.sample_ratio),
        keys=round(keys),
        recorded_lookups=len(accesses),
        sample_ratio=accesses.sample_ratio,
        simulated_lookups=len(used),
        recorded_hit_ratio=recording.hit_ratio,
        mean_value_bytes=round(sum(accesses.value_bytes) / accesses.objects, 1),
        all_keys_bytes=footprint.of_keys(keys),
        overhead_bytes=order.overhead_bytes,
    )


def _drop_long_ttls(order: Order, accesses: Accesses) -> tuple[Order, tuple[str, ...]]:
    """Take "no TTL" for TTLs that end after the recording does: it cannot tell them apart."""
    too_long = [ttl_s for ttl_s in order.ttls if ttl_s is not None and ttl_s > accesses.seconds]
    if not too_long:
        return order, ()
    kept = {None if ttl_s in too_long else ttl_s for ttl_s in order.ttls}
    names = ", ".join(name_ttl(ttl_s) for ttl_s in too_long)
    note = f"the recording lasts {name_ttl(accesses.seconds)}: a TTL of {names} is the same as none in it"
    return replace(order, ttls=tuple(kept)), (note,)


def _doubt_small(points: Sequence[Point], ceilings: Sequence[Ceiling], sample_ratio: float) -> tuple[str, ...]:
    """Say at which memories a sample holds too few keys to go by; where all fit that are alive, it is no matter."""
    highest = {ceiling.ttl_s: ceiling.hit_ratio for ceiling in ceilings}
    small = [
        point.maxmemory_bytes
        for point in points
        if point.keys_held * sample_ratio < LEAST_HELD and highest[point.ttl_s] - point.hit_ratio > AT_CEILING_RATIO
    ]
    if sample_ratio >= 1 or not small:
        return ()
    held = f"hold fewer than {LEAST_HELD} of the simulated keys"
    return (f"{render_bytes(max(small))} and less {held}: hit ratios can be some points off there",)
