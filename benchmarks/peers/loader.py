"""Where a missing value comes from: a function that takes its time and counts its runs."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from peers.values import product_of


class Loader:
    """Make products; `on_run` is told of each run when it begins."""

    def __init__(self, value_bytes: int, seconds: float = 0.0, on_run: Callable[[int], None] | None = None) -> None:
        self.runs = 0
        self._value_bytes = value_bytes
        self._seconds = seconds
        self._on_run = on_run

    async def load(self, number: int) -> dict[str, Any]:
        """Load without blocking the loop."""
        self._begin(number)
        await asyncio.sleep(self._seconds)
        return product_of(number, self._value_bytes)

    def load_blocking(self, number: int) -> dict[str, Any]:
        """Load in a thread."""
        self._begin(number)
        time.sleep(self._seconds)
        return product_of(number, self._value_bytes)

    def _begin(self, number: int) -> None:
        self.runs += 1
        if self._on_run is not None:
            self._on_run(number)
