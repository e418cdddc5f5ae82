"""The event loops that rows run on."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

LOOPS = ("uvloop", "asyncio")


def run_on(loop: str, main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop or on asyncio's own loop."""
    if loop == "asyncio":
        return asyncio.run(main)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
