"""What a row's process does: open the driver, check one answer of each kind, measure."""

from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from random import Random
from typing import Any, Final

from drivers.contender import Contender, Way
from drivers.statements import ACCOUNTS
from harness.loops import run_on
from harness.samples import Sample
from harness.task_loop import measure_tasks

KEYS: Final = 20_000
"""Drawn before the measurement and then asked for in turn."""

CHECKED: Final = 10


@dataclass(frozen=True, slots=True)
class Job:
    """One row of one round; `opener` is MODULE:FUNCTION of this package."""

    opener: str
    way: Way
    operation: str
    tasks: int
    loop: str
    seconds: float
    seed: int


def measure(job: Job) -> Sample:
    """Measure one operation through one driver."""
    return run_on(job.loop, _measure(job))


async def _measure(job: Job) -> Sample:
    module, function = job.opener.split(":")
    open_contender: Any = getattr(import_module(f"drivers.{module}"), function)
    random = Random(job.seed)
    keys = [random.randint(1, ACCOUNTS) for _ in range(KEYS)]
    contender: Contender
    async with open_contender(job.way) as contender:
        for key in keys[:CHECKED]:
            await _check(contender, key)
        return await measure_tasks(getattr(contender, job.operation), cycle(keys), job.tasks, job.seconds)


async def _check(contender: Contender, key: int) -> None:
    row = await contender.select(key)
    if row is None or row[0] != key:
        raise ValueError(f"asked for account {key}, got {row!r}")
