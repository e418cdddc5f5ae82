"""The deadline of every statement of a pool, watched by one timer.

A timer for each statement, as the driver sets one for its `command_timeout`, costs 2 us with uvloop and 5 us without:
a tenth of a short statement.
"""

import asyncio
from time import monotonic
from typing import Any, TypeAlias

Task: TypeAlias = asyncio.Task[Any]

LOOKS = 10
"""How often in the time of a statement the timer looks: a statement is ended at most a tenth later than it may."""


class Deadlines:
    """Cancel the statements that run longer than `timeout_s`; a task runs one at a time."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._until: dict[Task, float] = {}
        self._passed: dict[Task, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Task:
        """Watch the running task from here on; whoever calls this calls `end`, whatever happens."""
        task = asyncio.current_task()
        assert task is not None
        self._until[task] = monotonic() + self.timeout_s
        if self._timer is None:
            self._look_later()
        return task

    def end(self, task: Task) -> None:
        """Watch a task no longer."""
        self._until.pop(task, None)
        if self._passed:
            self.is_passed(task)

    def is_passed(self, task: Task) -> bool:
        """Tell whether a task was cancelled because of its deadline alone; if so, it is not cancelled any more."""
        cancelled_before = self._passed.pop(task, None)
        return cancelled_before is not None and task.uncancel() <= cancelled_before

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.timeout_s / LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        now = monotonic()
        for task, until in self._until.items():
            if until <= now and task not in self._passed:
                self._passed[task] = task.cancelling()
                task.cancel()
        if self._until:
            self._look_later()

    def close(self) -> None:
        """Set no more timers while nothing runs."""
        if self._timer is not None and not self._until:
            self._timer.cancel()
