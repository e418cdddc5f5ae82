"""Lookups that a process answers from its own memory: what a row's process of `local_tier.py` does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle, islice
from time import perf_counter, process_time
from typing import Any, Final

from harness.door import Door
from harness.loops import run_on
from harness.samples import Sample, sample_of
from peers.entries import Entry
from peers.values import key_of

NUMBERS: Final = range(1, 1001)

BATCH: Final = 1000
"""Lookups between two looks at the clock; the event loop has a turn after each, as it would in an application."""


@dataclass(frozen=True, slots=True)
class LocalJob:
    """One row of one round."""

    entry: Entry
    door: Door
    value_bytes: int
    seconds: float


def measure(job: LocalJob) -> Sample:
    """Fill, read every key until it is local, and measure lookups one after another."""
    opener = getattr(import_module("peers.local_libraries"), f"open_{job.entry.module}")
    return run_on("uvloop", _measure(job, opener(job)))


async def _measure(job: LocalJob, opening: Awaitable[Callable[[str], Awaitable[Any]]]) -> Sample:
    get = await opening
    keys = cycle([key_of(number) for number in NUMBERS])
    for _ in range(3):  # twice is not enough where a library tracks a key by its second lookup
        for key in islice(keys, len(NUMBERS)):
            await get(key)
        await asyncio.sleep(0.1)
    calls, began_s, cpu_s = 0, perf_counter(), process_time()
    while perf_counter() - began_s < job.seconds:
        for key in islice(keys, BATCH):
            await get(key)
        calls += BATCH
        await asyncio.sleep(0)
    return sample_of([0.0], calls, perf_counter() - began_s, process_time() - cpu_s)
