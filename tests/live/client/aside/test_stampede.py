"""Processes of their own ask for one cold key at the same moment."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.live.client.aside.loader import soon

pytestmark = pytest.mark.live

CALLER = Path(__file__).with_name("caller.py")


class Process:
    """A process of callers, and the lines that it prints."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    async def until_it_prints(self, wanted: str) -> None:
        """Read its lines until one is `wanted`."""
        while (await soon(self._stdout.readline())).decode().strip() != wanted:
            pass

    def go(self) -> None:
        """Let it ask."""
        self._stdin.write(b"go\n")

    async def read_outcome(self) -> dict[str, Any]:
        """Return what came of it."""
        async for line in self._stdout:
            if line.startswith(b"{"):
                outcome: dict[str, Any] = json.loads(line)
                return outcome
        raise AssertionError("the process ended and said nothing")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def end(self) -> None:
        """End it, if it has not ended, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._stdin.close()


StartProcess = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start_process(url: str, key: str) -> AsyncIterator[StartProcess]:
    """Give a function that starts a process of callers, which is ready when it returns."""
    started: list[Process] = []

    async def start(*, callers: int = 500, loader: str = "0.2", lease_s: float = 2.0) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, CALLER, url, key, str(callers), loader, str(lease_s),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        started.append(Process(process))
        await started[-1].until_it_prints("ready")
        return started[-1]

    yield start
    for process in started:
        await process.end()


async def test_two_processes_of_500_callers_load_a_cold_key_once(start_process: StartProcess) -> None:
    processes = [await start_process(), await start_process()]
    for process in processes:
        process.go()
    outcomes = [await soon(process.read_outcome()) for process in processes]
    assert [outcome["wrong"] for outcome in outcomes] == [[], []]
    assert [outcome["answers"] for outcome in outcomes] == [500, 500]
    assert sum(outcome["loads"] for outcome in outcomes) == 1


async def test_when_the_loading_process_is_killed_one_other_loads_and_serves_the_rest(
    start_process: StartProcess,
) -> None:
    doomed = await start_process(loader="never", lease_s=1.0)
    others = [await start_process(lease_s=1.0) for _ in range(2)]
    doomed.go()
    await doomed.until_it_prints("loading")
    for process in others:
        process.go()
    doomed.signal(signal.SIGKILL)
    outcomes = [await soon(process.read_outcome()) for process in others]
    assert [outcome["wrong"] for outcome in outcomes] == [[], []]
    assert sum(outcome["loads"] for outcome in outcomes) == 1


async def test_a_process_that_is_stopped_while_it_loads_loses_its_lease_and_keeps_nothing(
    start_process: StartProcess,
) -> None:
    stopped = await start_process(loader="0.2", lease_s=0.5)
    other = await start_process(lease_s=0.5)
    stopped.go()
    await stopped.until_it_prints("loading")
    stopped.signal(signal.SIGSTOP)
    other.go()
    outcome = await soon(other.read_outcome())
    assert (outcome["loads"], outcome["wrong"]) == (1, [])
    stopped.signal(signal.SIGCONT)
    outcome = await soon(stopped.read_outcome())
    assert (outcome["loads"], outcome["wrong"]) == (1, [])
