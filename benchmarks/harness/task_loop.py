"""A closed loop of tasks: each asks, waits for its answer, and asks again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any, Final, TypeVar

from harness.samples import Sample, sample_of

K = TypeVar("K")

WARM_UP_S: Final = 0.4
"""After every task has been answered: connections stand, and code paths have run hundreds of times."""

FAILED_PAUSE_S: Final = 0.001
"""After an error: a client that refuses without waiting would keep the loop from everything else."""


@dataclass(slots=True)
class Tally:
    """What the tasks of one loop have seen.

    Calls that are under way when the window ends count for the percentiles, not for the throughput: a task that waited
    for a connection all the time would otherwise be seen nowhere.
    """

    running: bool = True
    latencies_s: list[float] = field(default_factory=list)
    misses: int = 0
    errors: int = 0
    note: str = ""
    calls: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def failed(self, error: Exception) -> None:
        """Count an error; the first is told."""
        self.errors += 1
        self.note = self.note or f"{type(error).__name__}: {error}"[:120]

    def begin(self) -> None:
        """Forget the warm-up and start the clocks."""
        self.latencies_s.clear()
        self.misses = self.errors = 0
        self.note = ""
        self.wall_s, self.cpu_s = -perf_counter(), -process_time()

    def end(self) -> None:
        """Stop the clocks and the tasks."""
        self.wall_s += perf_counter()
        self.cpu_s += process_time()
        self.calls = len(self.latencies_s)
        self.running = False

    def sample(self) -> Sample:
        """Return what was measured; a key that was not found is an error."""
        note = self.note or (f"{self.misses} keys were not found" if self.misses else "")
        return sample_of(self.latencies_s, self.calls, self.wall_s, self.cpu_s, self.errors + self.misses, note)


async def measure_tasks(
    call: Callable[[K], Awaitable[Any]], arguments: Iterator[K], tasks: int, seconds: float, *, pause_s: float = 0.0
) -> Sample:
    """Let `tasks` tasks call for so many seconds, each pausing between calls; None in place of a value is an error."""
    await asyncio.gather(*(call(next(arguments)) for _ in range(tasks)), return_exceptions=True)
    tally = Tally()
    workers = [asyncio.create_task(_work(call, arguments, tally, pause_s)) for _ in range(tasks)]
    await asyncio.sleep(WARM_UP_S)
    tally.begin()
    await asyncio.sleep(seconds)
    tally.end()
    await asyncio.gather(*workers)
    return tally.sample()


async def _work(call: Callable[[K], Awaitable[Any]], arguments: Iterator[K], tally: Tally, pause_s: float) -> None:
    keep = tally.latencies_s.append
    while tally.running:
        argument = next(arguments)
        asked = perf_counter()
        try:
            value = await call(argument)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is counted and told
            tally.failed(error)
            await asyncio.sleep(FAILED_PAUSE_S)
            continue
        keep(perf_counter() - asked)
        if value is None:
            tally.misses += 1
        if pause_s:
            await asyncio.sleep(pause_s)
