"""A `candlefish follow` beside a benchmark, and what it tells each second."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from harness.fresh import FreshFailed

RULES: Final = '[[rule]]\ntable = "items"\nkeys = ["item:{id}"]\n'

BEGINS_S: Final = 30.0
"""Seconds within which it reads: it starts in one, and Patroni may hold the making of a slot up."""


class Follower:
    """What a follower has told so far, oldest first."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.told: list[dict[str, Any]] = []
        self._process = process

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    async def listen(self) -> None:
        """Take down what it tells, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.told.append(json.loads(line))

    async def until(self, rows: int, within_s: float) -> None:
        """Wait until it has dealt with so many row changes."""
        async with asyncio.timeout(within_s):
            while not self.told or self.told[-1]["rows"] < rows:  # noqa: ASYNC110  # told each second
                await asyncio.sleep(0.01)

    async def until_it_reads(self) -> None:
        """Wait until it reads the slot, and has dealt with the gap that a new one begins with."""
        async with asyncio.timeout(BEGINS_S):
            while not self.told or not self.told[-1]["gaps"]:  # told each second
                if self._process.returncode is not None:
                    raise FreshFailed("candlefish follow")
                await asyncio.sleep(0.1)


@asynccontextmanager
async def following(database_url: str, redis_url: str, prefix: str, slot: str) -> AsyncIterator[Follower]:
    """Run a follower; the slot and the publication have one name, and are dropped with the database."""
    with TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.toml"
        rules.write_text(RULES)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "candlefish.cli.main", "follow", "--json", "--rules", str(rules)),
            *("--database-url", database_url, "--redis-url", redis_url, "--prefix", prefix),
            *("--slot", slot, "--publication", slot),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        follower = Follower(process)
        listening = asyncio.create_task(follower.listen())
        try:
            yield follower
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await listening
