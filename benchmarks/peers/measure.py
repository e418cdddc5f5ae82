"""What a row's process does: open the library, check what it answers, measure, check again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import cycle
from typing import Any, Final

import msgspec

from harness.cells import Cell
from harness.door import Door
from harness.loops import run_on
from harness.samples import Sample
from harness.task_loop import measure_tasks
from harness.thread_loop import measure_threads
from harness.zipf_keys import zipf_numbers
from peers.entries import Entry
from peers.loader import Loader
from peers.values import key_of, product_of, text_of

CHECKED: Final = 200
"""Values that are compared, before and after the measurement."""

CHECKING_TASKS: Final = 50
"""Tasks that check at the same time at most, so that a pool which is too small fails where it is measured."""

FILLING_TASKS: Final = 50
"""Tasks that ask at the same time while a cache is filled through get_or_load."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of one round."""

    entry: Entry
    door: Door
    cell: Cell
    keys: int
    seconds: float
    seed: int


def fill_get(job: Job) -> int:
    """Keep the value of every key, and return how many."""
    items = ((key_of(number), text_of(number, job.cell.value_bytes)) for number in range(1, job.keys + 1))
    run_on("uvloop", _module(job).fill_get(job.door, items, **job.entry.options))
    return job.keys


def fill_get_or_load(job: Job) -> int:
    """Ask for every key once, and return how often the loader ran."""
    loader = Loader(job.cell.value_bytes)
    rest = iter(range(1, job.keys + 1))
    if job.entry.threads:
        get_or_load = _open_get_or_load(job, loader)
        for number in rest:
            get_or_load(number)
        return loader.runs

    async def fill() -> None:
        get_or_load = await _open_get_or_load(job, loader)

        async def ask() -> None:
            for number in rest:
                await get_or_load(number)

        await asyncio.gather(*(ask() for _ in range(FILLING_TASKS)))

    run_on("uvloop", fill())
    return loader.runs


def measure_get(job: Job) -> Sample:
    """Measure gets that hit."""
    numbers = zipf_numbers(job.keys, job.seed)
    wanted = {key_of(number): text_of(number, job.cell.value_bytes) for number in numbers[:CHECKED]}
    return _measure(
        job,
        lambda: _module(job).open_get(job.door, job.cell.tasks, **job.entry.options),
        [key_of(number) for number in numbers],
        lambda key, value: value == wanted[key],
    )


def measure_get_or_load(job: Job) -> Sample:
    """Measure get_or_load that hits; a load is an error."""
    loader = Loader(job.cell.value_bytes)
    sample = _measure(
        job,
        lambda: _open_get_or_load(job, loader),
        zipf_numbers(job.keys, job.seed),
        lambda number, value: msgspec.to_builtins(value) == product_of(number, job.cell.value_bytes),
    )
    if loader.runs:
        sample = replace(sample, errors=sample.errors + loader.runs, note=f"the loader ran {loader.runs} times")
    return sample


def _measure(job: Job, open_call: Callable[[], Any], asked: Sequence[Any], right: Callable[[Any, Any], bool]) -> Sample:
    checked = asked[:CHECKED]
    if job.entry.threads:
        call = open_call()
        wrong = sum(not right(argument, call(argument)) for argument in checked)
        sample = measure_threads(call, cycle(asked), job.cell.tasks, job.seconds)
        wrong += sum(not right(argument, call(argument)) for argument in checked)
        return _with_wrong(sample, wrong)

    async def measure() -> Sample:
        call = await open_call()
        wrong = await _count_wrong(call, checked, right, job.cell.tasks)
        sample = await measure_tasks(call, cycle(asked), job.cell.tasks, job.seconds)
        return _with_wrong(sample, wrong + await _count_wrong(call, checked, right, job.cell.tasks))

    return run_on(job.cell.loop, measure())


async def _count_wrong(
    call: Callable[[Any], Awaitable[Any]], asked: Sequence[Any], right: Callable[[Any, Any], bool], tasks: int
) -> int:
    rest = iter(asked)

    async def check() -> int:
        return sum([not right(argument, await call(argument)) for argument in rest])

    return sum(await asyncio.gather(*(check() for _ in range(min(tasks, CHECKING_TASKS)))))


def _with_wrong(sample: Sample, wrong: int) -> Sample:
    if not wrong:
        return sample
    return replace(sample, errors=sample.errors + wrong, note=sample.note or f"{wrong} values were wrong")


def _open_get_or_load(job: Job, loader: Loader) -> Any:
    return _module(job).open_get_or_load(job.door, job.cell.tasks, loader, **job.entry.options)


def _module(job: Job) -> Any:
    return import_module(f"peers.{job.entry.module}")
