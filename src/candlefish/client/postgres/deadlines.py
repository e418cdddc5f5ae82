"""The deadline of every statement of a pool, watched by one timer.

A timer for each statement, as the driver sets one for its `command_timeout`, costs 2 us with uvloop and 5 us without:
a tenth of a short statement.
"""

import asyncio
from asyncio import current_task
from typing import Any, TypeAlias

Task: TypeAlias = asyncio.Task[Any]

LOOKS = 10
"""How often in the time of a statement the timer looks: a statement is ended at most a tenth later than it may."""


class Deadlines:
    """Cancel the statements that run longer than `timeout_s`; a task runs one at a time."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._look = 0
        self._since: dict[Task, int] = {}
        self._passed: dict[Task, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Task:
        """Watch the running task from here on; whoever calls this calls `end`, whatever happens."""
        task = current_task()
        assert task is not None
        self._since[task] = self._look
        if self._timer is None:
            self._look_later()
        return task

    def end(self, task: Task) -> None:
        """Watch a task no longer."""
        self._since.pop(task, None)
        if self._passed:
            self.is_passed(task)

    def is_passed(self, task: Task) -> bool:
        """Tell whether a task was cancelled because of its deadline alone; if so, it is not cancelled any more."""
        cancelled_before = self._passed.pop(task, None)
        return cancelled_before is not None and task.uncancel() <= cancelled_before

    def close(self) -> None:
        """Set no more timers while nothing runs."""
        if self._timer is not None and not self._since:
            self._timer.cancel()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.timeout_s / LOOKS, self._look_now)

    def _look_now(self) -> None:
        self._timer = None
        self._look += 1
        for task, since in self._since.items():
            if self._look - since > LOOKS and task not in self._passed:
                self._passed[task] = task.cancelling()
                task.cancel()
        if self._since:
            self._look_later()
