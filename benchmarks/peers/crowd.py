"""The process of a stampede: many callers that ask for the same key at the same moment, again and again.

It reads one line for each stampede from stdin, and writes one line when it begins to load and one when all callers have
been answered. It stays, as the processes of an application do: connections stand and code is warm.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from threading import Event, Thread
from typing import Any, Final

import msgspec

from harness.door import Door
from harness.loops import run_on
from peers.entries import Entry
from peers.loader import Loader
from peers.values import product_of

VALUE_BYTES: Final = 1000

LIMIT_S: Final = 20.0
"""A caller that has no answer by then counts as an error."""

NO_ANSWER: Final = TimeoutError(f"no answer within {LIMIT_S:g} s")


@dataclass(frozen=True, slots=True)
class CrowdJob:
    """Who asks whom, and how long a load takes."""

    entry: Entry
    door: Door
    callers: int
    load_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """The key to ask for, and when: the same moment of the system's clock in every process."""

    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Message:
    """What the process tells: that it is ready, that it loads, or how the callers of a stampede fared."""

    state: str
    runs: int = 0
    seconds: float = 0.0
    errors: int = 0
    note: str = ""


def main() -> None:
    """Serve stampedes until stdin ends."""
    job = msgspec.json.decode(sys.argv[1], type=CrowdJob)
    announced: set[int] = set()

    def announce(number: int) -> None:
        if number not in announced:
            announced.add(number)
            _tell(Message("loading"))

    loader = Loader(VALUE_BYTES, job.load_s, announce)
    if job.entry.threads:
        _serve_threads(job, loader)
    else:
        run_on("uvloop", _serve_tasks(job, loader))
    os._exit(0)  # callers without an answer may be left, and threads of theirs


async def _serve_tasks(job: CrowdJob, loader: Loader) -> None:
    get_or_load = await _module(job).open_get_or_load(job.door, job.callers, loader, **job.entry.options)
    _tell(Message("ready"))
    while line := await asyncio.to_thread(sys.stdin.readline):
        call = msgspec.json.decode(line, type=Call)
        loader.runs = 0
        await asyncio.sleep(call.at - time.monotonic())
        tasks = [asyncio.create_task(get_or_load(call.number)) for _ in range(job.callers)]
        done, late = await asyncio.wait(tasks, timeout=LIMIT_S)
        seconds = time.monotonic() - call.at
        answers = [*await asyncio.gather(*done, return_exceptions=True), *(NO_ANSWER for _ in late)]
        _tell(_judge(answers, call.number, loader.runs, seconds))


def _serve_threads(job: CrowdJob, loader: Loader) -> None:
    get_or_load = _module(job).open_get_or_load(job.door, job.callers, loader, **job.entry.options)
    _tell(Message("ready"))
    for line in sys.stdin:
        call = msgspec.json.decode(line, type=Call)
        loader.runs = 0
        begin, answers = Event(), [NO_ANSWER] * job.callers
        threads = [_start_thread(get_or_load, call.number, begin, answers, place) for place in range(job.callers)]
        time.sleep(max(call.at - time.monotonic(), 0))
        begin.set()
        for thread in threads:
            thread.join(max(call.at + LIMIT_S - time.monotonic(), 0))
        _tell(_judge(list(answers), call.number, loader.runs, time.monotonic() - call.at))


def _start_thread(
    get_or_load: Callable[[int], Any], number: int, begin: Event, answers: list[Any], place: int
) -> Thread:
    def ask() -> None:
        begin.wait()
        try:
            answers[place] = get_or_load(number)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is counted and told
            answers[place] = error

    thread = Thread(target=ask, daemon=True)
    thread.start()
    return thread


def _judge(answers: list[Any], number: int, runs: int, seconds: float) -> Message:
    """Compare every answer with the value that it has to be."""
    right = product_of(number, VALUE_BYTES)
    wrong = [answer for answer in answers if isinstance(answer, BaseException) or msgspec.to_builtins(answer) != right]
    note = f"{type(wrong[0]).__name__}: {wrong[0]}"[:120] if wrong else ""
    return Message("answered", runs, seconds, len(wrong), note)


def _module(job: CrowdJob) -> Any:
    return import_module(f"peers.{job.entry.module}")


def _tell(message: Message) -> None:
    sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
