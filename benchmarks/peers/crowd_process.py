"""A crowd as the benchmark sees it: a process that is told what to ask for, and that can be killed."""

import asyncio
import contextlib
import os
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, Self

import msgspec

from harness.fresh import FreshFailed
from harness.places import IMPORT_PATH, ROOT
from peers.crowd import LIMIT_S, Call, CrowdJob, Message

SILENCE_S: Final = LIMIT_S + 20.0
"""After which a process is taken for lost: one that is only busy has told by then."""


class Crowd:
    """One process of callers."""

    def __init__(self, process: Process, callers: int) -> None:
        self._process = process
        self._callers = callers
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self.loading = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, python: Path, job: CrowdJob) -> Self:
        """Start the process and wait until it has opened its library."""
        with TemporaryFile() as said:  # not a pipe: some libraries log every timeout
            process = await asyncio.create_subprocess_exec(
                python, "-m", "peers.crowd", msgspec.json.encode(job).decode(),
                stdin=PIPE, stdout=PIPE, stderr=said,
                cwd=ROOT, env={**os.environ, "PYTHONPATH": IMPORT_PATH},
            )  # fmt: skip
            crowd = cls(process, job.callers)
            if (await crowd.answer()).state != "ready":
                await crowd.end()
                said.seek(0)
                last = said.read().decode(errors="replace").rstrip().rpartition("\n")[2]
                raise FreshFailed(f"{job.entry.label} could not be opened: {last}")
        return crowd

    @property
    def runs(self) -> bool:
        """Tell whether the process has not ended."""
        return self._process.returncode is None

    def ask(self, call: Call) -> None:
        """Tell the callers what to ask for, and when."""
        assert self._process.stdin is not None
        self.loading.clear()
        self._process.stdin.write(msgspec.json.encode(call) + b"\n")

    async def answer(self) -> Message:
        """Return how the callers fared; all of them are lost with their process, or with one that says nothing.

        A process whose callers waited to the limit is killed: some libraries never let them go.
        """
        try:
            message = await asyncio.wait_for(self._messages.get(), SILENCE_S)
        except TimeoutError:
            await self.kill()
            message = await self._messages.get()
        if message.seconds >= LIMIT_S:
            await self.kill()
        return message

    async def kill(self) -> None:
        """SIGKILL the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        """End the process, if it runs."""
        await self.kill()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = msgspec.json.decode(line, type=Message)
            if message.state == "loading":
                self.loading.set()
            else:
                self._messages.put_nowait(message)
        self._messages.put_nowait(Message("ended", errors=self._callers, note="the process ended"))
