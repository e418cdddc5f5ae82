"""The deadlines of a connection's calls: one timer for all of them, and next to nothing to do for each call."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from candlefish.client.redis.gets import Gets
from candlefish.errors import CacheUnavailable

LOOKS: Final = 4
"""Looks in one timeout: a call fails after 1 to 1.5 times its timeout."""

BUSY_S: Final = 0.05
"""A look that comes so late shows that this program was busy itself: what the server said may lie unread, so it gets
as long again, once, before it is blamed."""


class Deadlines:
    """Watch the calls that wait on one connection.

    Calls are answered in the order in which they were sent, so it is enough to remember how many had been sent at each
    look: what was sent before a look that is `timeout_s` old, and has no answer, is late.

    The connection sets `heard` when the server says something, and counts in `answered`: a call needs no clock.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pending: "deque[asyncio.Future[Any] | Gets]",
        timeout_s: float,
        backlog: Callable[[], int],
        silent: Callable[[float], None],
    ) -> None:
        self.heard = False
        self.answered = 0
        self._loop = loop
        self._pending = pending
        self._timeout_s = timeout_s
        self._backlog = backlog
        self._silent = silent
        self._late = 0
        self._sent = 0
        self._sent_bytes = 0
        self._backlog_bytes = 0
        self._left_bytes = 0
        self._heard_at = 0.0
        self._due_at = 0.0
        self._was_busy = False
        self._looks: deque[tuple[float, int]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def sent(self, size_bytes: int) -> None:
        """Note that what is pending now was handed to the transport, so many bytes."""
        if self.answered == self._sent:  # nothing was under way before: silence begins now
            self.heard = True
        self._sent = self.answered + len(self._pending)
        self._sent_bytes += size_bytes
        if self._timer is None:
            self._look_in(self._timeout_s / LOOKS)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if not self._pending:
            return
        now = self._loop.time()
        self._was_busy = now - self._due_at >= BUSY_S and not self._was_busy
        if self._was_busy:
            self._look_in(BUSY_S)
            return
        if self._takes_more() or self.heard:
            self.heard = False
            self._heard_at = now
        if now - self._heard_at >= self._timeout_s:
            self._silent(now - self._heard_at)
            return
        self._looks.append((now, self._sent))
        while self._looks and self._looks[0][0] <= now - self._timeout_s:
            self._fail_until(self._looks.popleft()[1])
        self._look_in(self._timeout_s / LOOKS)

    def _takes_more(self) -> bool:
        """Tell whether the server has read on since the last look: a large value on its way out is no silence.

        While nothing waits in the transport this says nothing: the kernel takes bytes for a server that hangs, too.
        """
        left = self._sent_bytes - self._backlog()
        takes_more = self._backlog_bytes > 0 and left > self._left_bytes
        self._left_bytes, self._backlog_bytes = left, self._sent_bytes - left
        return takes_more

    def _look_in(self, seconds: float) -> None:
        self._due_at = self._loop.time() + seconds
        self._timer = self._loop.call_later(seconds, self._look)

    def _fail_until(self, sent: int) -> None:
        first = max(self._late, self.answered)
        error = CacheUnavailable(f"redis did not answer in {self._timeout_s:g} s")
        for slot in islice(self._pending, first - self.answered, max(sent - self.answered, 0)):
            if isinstance(slot, Gets):
                slot.fail(error)
            elif not slot.done():
                slot.set_exception(error)
        self._late = max(self._late, sent)
