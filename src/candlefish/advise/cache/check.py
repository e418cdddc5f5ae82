"""Check predictions: the same accesses, simulated and replayed on a real redis-server."""

import asyncio
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Final

from candlefish.advise.cache.accesses import MS, Accesses, take_first
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.policies import LFU_STEP_MS
from candlefish.advise.cache.replay import Replayed, replay
from candlefish.advise.cache.result import Checked
from candlefish.advise.cache.server import Setting
from candlefish.advise.cache.simulate import simulate

RUNS: Final = 6
"""Simulations of one setting: with 138 keys in the cache, one differs from the next by half a point (web12)."""

MOST_SIMULATED: Final = 3_000_000
"""Accesses in all of these: some 5 s. In longer recordings chance makes less of a difference."""


EVICTING_SHARE: Final = 0.1
"""Of the keys that a check asks for there is room at most: within minutes Redis shall have to evict."""


def take_seconds(accesses: Accesses, seconds: float) -> Accesses:
    """Return the accesses of the first seconds."""
    return take_first(accesses, bisect_right(accesses.times_ms, accesses.times_ms[0] + round(seconds * MS)))


def tighten(accesses: Accesses, setting: Setting) -> Setting:
    """Return a setting with no more memory than Redis has to evict with."""
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=setting.ttl_s is not None)
    return replace(setting, data_bytes=min(setting.data_bytes, footprint.of_keys(accesses.objects * EVICTING_SHARE)))


async def check(
    accesses: Accesses, settings: Sequence[Setting], on_progress: Callable[[float], None] = lambda _ratio: None
) -> tuple[Checked, ...]:
    """Predict each setting, then replay all of them at the same time, each on a server of its own."""
    predicted = [predict(accesses, setting) for setting in settings]
    measured: list[Replayed] = await asyncio.gather(
        *[replay(accesses, setting, seed, on_progress) for seed, setting in enumerate(settings)]
    )
    return tuple(
        Checked(
            policy=setting.policy,
            ttl_s=setting.ttl_s,
            data_bytes=setting.data_bytes,
            accesses=len(accesses),
            seconds=round(accesses.seconds, 1),
            predicted=hit_ratio,
            measured=real.hit_ratio,
            predicted_keys=keys,
            measured_keys=real.keys_held,
            evicted=real.evicted,
            redis_version=real.version,
            late_s=real.late_s,
        )
        for setting, (hit_ratio, keys), real in zip(settings, predicted, measured, strict=True)
    )


def predict(accesses: Accesses, setting: Setting) -> tuple[float, int]:
    """Return the share of the recorded lookups that hits, and how many keys are held at the end.

    It is the mean of simulations that begin at different seconds of the minute by which LFU counts: nobody knows at
    which of them a replay begins, and on web12 it makes up to a point of difference.
    """
    runs = max(1, min(RUNS, MOST_SIMULATED // len(accesses)))
    found = [simulate(_delay(accesses, run * LFU_STEP_MS // runs), setting, seed=run) for run in range(runs)]
    return fmean(one.sampled_hit_ratio for one in found), round(fmean(one.keys_held for one in found))


def _delay(accesses: Accesses, delay_ms: int) -> Accesses:
    return replace(accesses, times_ms=array("q", (at_ms + delay_ms for at_ms in accesses.times_ms)))
