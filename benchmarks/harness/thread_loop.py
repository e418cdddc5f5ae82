"""The same closed loop for a library that blocks: each task is a thread."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, TypeVar

from harness.samples import Sample
from harness.task_loop import FAILED_PAUSE_S, WARM_UP_S, Tally

K = TypeVar("K")


def measure_threads(call: Callable[[K], Any], arguments: Iterator[K], threads: int, seconds: float) -> Sample:
    """Let `threads` threads call for so many seconds; None in place of a value is an error."""
    tally = Tally()
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(threads):
            pool.submit(_work, call, arguments, tally)
        time.sleep(WARM_UP_S)
        tally.begin()
        time.sleep(seconds)
        tally.end()
    return tally.sample()


def _work(call: Callable[[K], Any], arguments: Iterator[K], tally: Tally) -> None:
    keep = tally.latencies_s.append
    while tally.running:
        argument = next(arguments)
        asked = perf_counter()
        try:
            value = call(argument)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is counted and told
            tally.failed(error)
            time.sleep(FAILED_PAUSE_S)
            continue
        keep(perf_counter() - asked)
        if value is None:
            tally.misses += 1
