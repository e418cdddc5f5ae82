"""Loaders that a test can hold back, and that count their runs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any


class Loader:
    """Give a value, or raise it when it is an exception; `held` loaders wait for `let_go`."""

    def __init__(self, value: Any, *, held: bool = False) -> None:
        self.value = value
        self.runs = 0
        self.cancelled = 0
        self.begun = asyncio.Event()
        self._gate = asyncio.Event()
        if not held:
            self._gate.set()

    def let_go(self) -> None:
        """Let the runs end."""
        self._gate.set()

    async def __call__(self) -> Any:
        self.runs += 1
        value = self.value
        self.begun.set()
        try:
            await self._gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(value, Exception):
            raise value
        return value


class Batches:
    """Give a value for each id, except for those `unknown`, and remember the ids of each run."""

    def __init__(self, unknown: frozenset[int] = frozenset(), *, held: bool = False) -> None:
        self.runs: list[list[int]] = []
        self.begun = asyncio.Event()
        self._unknown = unknown
        self._gate = asyncio.Event()
        if not held:
            self._gate.set()

    def let_go(self) -> None:
        """Let the runs end."""
        self._gate.set()

    async def __call__(self, ids: list[int]) -> Mapping[int, str]:
        self.runs.append(ids)
        self.begun.set()
        await self._gate.wait()
        return {number: f"value {number}" for number in ids if number not in self._unknown}


Load = Callable[[], Awaitable[Any]]


async def soon(awaitable: Awaitable[Any]) -> Any:
    """Return what comes within a test's patience, which is less than a lease that it has set out of reach."""
    async with asyncio.timeout(30):
        return await awaitable
