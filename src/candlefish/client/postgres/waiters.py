"""The callers that wait for a connection: first come first served, bounded in number and in time."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Waiters(Generic[T]):
    """Hand things over in the order in which callers began to wait; one timer serves them all.

    `late` makes the exception of a caller that has waited too long; `not_taken` gets what was handed to a caller that
    gave up in that very moment.
    """

    def __init__(self, late: Callable[[], Exception], not_taken: Callable[[T], None]) -> None:
        self._late = late
        self._not_taken = not_taken
        self._until: OrderedDict[asyncio.Future[T], float] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._until)

    async def wait(self, timeout_s: float) -> T:
        """Wait until something is handed over."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._until[waiter] = loop.time() + timeout_s
        if self._timer is None:
            self._timer = loop.call_later(timeout_s, self._expire, loop)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._until.pop(waiter, None)
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._not_taken(waiter.result())
            raise

    def hand_over(self, thing: T) -> bool:
        """Give a thing to whoever has waited longest; return False when nobody waits."""
        while self._until:
            waiter, _ = self._until.popitem(last=False)
            if not waiter.done():
                waiter.set_result(thing)
                return True
        return False

    def send_away(self, why: Callable[[], Exception]) -> None:
        """Fail everybody who waits."""
        while self._until:
            waiter, _ = self._until.popitem(last=False)
            if not waiter.done():
                waiter.set_exception(why())

    def close(self) -> None:
        """Set no more timers."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        while self._until:
            waiter, until = next(iter(self._until.items()))
            if until > now:
                self._timer = loop.call_later(until - now, self._expire, loop)
                return
            del self._until[waiter]
            if not waiter.done():
                waiter.set_exception(self._late())
