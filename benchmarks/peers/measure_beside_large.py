"""Small gets while large values come through the same client: what a row's process of `large_values.py` does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from statistics import median
from time import perf_counter
from typing import Any, Final

from harness.door import Door
from harness.loops import run_on
from harness.samples import Sample
from harness.task_loop import measure_tasks
from peers.entries import Entry
from peers.values import key_of, text_of

SMALL_NUMBERS: Final = range(1, 1001)
LARGE_NUMBERS: Final = range(1001, 1005)

TASKS: Final = 50

PAUSE_S: Final = 0.01
"""Between two gets of a task, so that every library has the same to do and no core is full: some 4,000 a second."""


@dataclass(frozen=True, slots=True)
class LargeJob:
    """One row of one round."""

    entry: Entry
    door: Door
    small_bytes: int
    large_bytes: int
    large_per_second: float
    seconds: float


@dataclass(frozen=True, slots=True)
class LargeSample:
    """The small gets, and how long a large one took (0 when there was none)."""

    small: Sample
    large_ms: float
    large_reads: int
    large_errors: int


def fill(job: LargeJob) -> int:
    """Keep the small and the large values, and return how many."""
    small = [(key_of(number), text_of(number, job.small_bytes)) for number in SMALL_NUMBERS]
    large = [(key_of(number), text_of(number, job.large_bytes)) for number in LARGE_NUMBERS]
    run_on("uvloop", _module(job).fill_get(job.door, [*small, *large], **job.entry.options))
    return len(small) + len(large)


def measure(job: LargeJob) -> LargeSample:
    """Measure the small gets while large ones begin at their rate, whether the last one has ended or not."""

    async def run() -> LargeSample:
        get = await _module(job).open_get(job.door, TASKS, **job.entry.options)
        small_keys = cycle([key_of(number) for number in SMALL_NUMBERS])
        reader = _LargeReader(get, job)
        reading = asyncio.create_task(reader.run()) if job.large_per_second else None
        sample = await measure_tasks(get, small_keys, TASKS, job.seconds, pause_s=PAUSE_S)
        if reading is not None:
            reading.cancel()
        return LargeSample(
            sample, median(reader.seconds) * 1e3 if reader.seconds else 0.0, len(reader.seconds), reader.errors
        )

    return run_on("uvloop", run())


class _LargeReader:
    def __init__(self, get: Callable[[str], Awaitable[Any]], job: LargeJob) -> None:
        self._get = get
        self._job = job
        self._reads: set[asyncio.Task[None]] = set()
        self.seconds: list[float] = []
        self.errors = 0

    async def run(self) -> None:
        for number in cycle(LARGE_NUMBERS):
            read = asyncio.create_task(self._read(key_of(number)))
            self._reads.add(read)
            read.add_done_callback(self._reads.discard)
            await asyncio.sleep(1 / self._job.large_per_second)

    async def _read(self, key: str) -> None:
        asked = perf_counter()
        try:
            value = await self._get(key)
        except Exception:  # noqa: BLE001 - whatever a library raises is counted
            value = None
        self.seconds.append(perf_counter() - asked)
        self.errors += value is None or len(value) != self._job.large_bytes


def _module(job: LargeJob) -> Any:
    return import_module(f"peers.{job.entry.module}")
