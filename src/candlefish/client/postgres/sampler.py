"""Ask the primary and every replica again and again where they are, on connections of their own.

Reads and writes wait for no sample: they go by the last ones. While nobody reads or writes, nobody is asked.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.probe import Answer, Probe, Sample

SAMPLE_S = 0.1
"""From one sample of a server to the next: for about this long the reads after a write go to the primary."""

HURRY_S = 0.01
"""The same while somebody waits for what they bring."""

RETRY_S, LONGEST_RETRY_S = 0.1, 1.0
"""Until a server that did not answer is asked again: at first, and doubled each time up to the pooler's login retry."""

IDLE_S = 5.0
"""After how long without a read or a write the servers are left alone. The first reads after that go by what was known
then; the samples come with them."""


class Watched(Protocol):
    """A server, and what is known of it."""

    pool: Pool

    def asking(self) -> None:
        """Hear that the server is being asked now."""

    def note(self, answer: Answer) -> None:
        """Hear what it answered, if it did."""


class Sampler:
    """Run one task for each server, the primary first. Whoever reads or writes calls `use` when `used` is False."""

    def __init__(self, servers: Sequence[Watched], on_news: Callable[[], None]) -> None:
        self.used = False
        self._servers = [(server, Probe(server.pool.url)) for server in servers]
        self._on_news = on_news
        self._used_at = 0.0
        self._waiting = 0
        self._awake, self._hurry, self._news = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; return when every server has answered for the first time, or failed to."""
        primary, *replicas = self._servers
        await self._ask(*primary)  # first: a replica that has what it had then is known to be near
        await asyncio.gather(*(self._ask(*replica) for replica in replicas))
        self._tasks = [asyncio.create_task(self._watch(server, probe)) for server, probe in self._servers]

    async def close(self) -> None:
        """End the tasks and the connections."""
        for _, probe in self._servers:
            probe.close()  # first: what is under way is cut instead of being cancelled at the server
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    def use(self) -> None:
        """Say that somebody reads or writes."""
        self.used = True
        self._used_at = monotonic()
        self._awake.set()

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        """Return when a condition holds that samples bring about, or after `timeout_s`; ask faster meanwhile."""
        self.use()
        self._waiting += 1
        self._hurry.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    while not holds():
                        await self._news.wait()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._hurry.clear()

    async def _watch(self, server: Watched, probe: Probe) -> None:
        retry_s = 0.0
        while True:
            await self._rest(retry_s)
            await self._awake.wait()
            answered = await self._ask(server, probe)
            retry_s = 0.0 if answered else min(LONGEST_RETRY_S, max(RETRY_S, 2 * retry_s))
            self._doze()

    async def _ask(self, server: Watched, probe: Probe) -> bool:
        server.asking()
        answer = await probe.ask()
        server.note(answer)
        self._on_news()
        self._news.set()  # wakes who waits now, not who will
        self._news.clear()
        return isinstance(answer, Sample)

    async def _rest(self, retry_s: float) -> None:
        if retry_s:
            await asyncio.sleep(retry_s * random.uniform(0.5, 1.0))  # not all processes at once
        elif self._waiting:
            await asyncio.sleep(HURRY_S)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAMPLE_S):
                    await self._hurry.wait()

    def _doze(self) -> None:
        if self.used or self._waiting:
            self.used = False
            self._used_at = monotonic()
        elif monotonic() - self._used_at > IDLE_S:
            self._awake.clear()
