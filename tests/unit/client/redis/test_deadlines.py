"""When a call is late, and when a server counts as silent: by a clock that the test sets."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest

from candlefish.client.redis.deadlines import Deadlines
from candlefish.client.redis.gets import Gets
from candlefish.errors import CacheUnavailable

TIMEOUT_S = 1.0
STEP_S = 0.01


class Clock:
    """The clock and the timer of an event loop."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: tuple[float, Callable[[], None]] | None = None

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, look: Callable[[], None]) -> object:
        self._due = (self.now + seconds, look)
        return object()

    def fire(self) -> None:
        """Run the timer when its time has come."""
        if self._due is not None and self._due[0] <= self.now:
            (_, look), self._due = self._due, None
            look()


class Line:
    """A connection as its deadlines see it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pending: deque[Any] = deque()
        self.backlog_bytes = 0
        self.silent_s: list[float] = []
        loop = cast(asyncio.AbstractEventLoop, self.clock)
        self.deadlines = Deadlines(loop, self.pending, TIMEOUT_S, lambda: self.backlog_bytes, self.silent_s.append)

    def send(self, size_bytes: int = 10) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.pending.append(future)
        self.deadlines.sent(size_bytes)
        return future

    def answer(self) -> None:
        future = self.pending.popleft()
        self.deadlines.heard = True
        self.deadlines.answered += 1
        if not future.done():
            future.set_result(b"late or not")

    def wait(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        """Let time pass in small steps."""
        for _ in range(round(seconds / STEP_S)):
            self.clock.now += STEP_S
            each()
            self.clock.fire()

    def hear(self) -> None:
        self.deadlines.heard = True

    def take(self, size_bytes: int) -> None:
        self.backlog_bytes = max(self.backlog_bytes - size_bytes, 0)


async def test_a_call_without_an_answer_fails_and_its_late_answer_goes_to_nobody_else() -> None:
    line = Line()
    late = line.send()
    line.wait(2 * TIMEOUT_S, each=line.hear)
    with pytest.raises(CacheUnavailable, match="did not answer in 1 s"):
        late.result()
    next_one = line.send()
    line.answer()
    assert not next_one.done()
    line.answer()
    assert next_one.result() == b"late or not"


async def test_a_call_is_given_all_of_its_time() -> None:
    line = Line()
    first = line.send()
    line.wait(TIMEOUT_S / 2, each=line.hear)
    second = line.send()
    line.wait(TIMEOUT_S - STEP_S, each=line.hear)
    assert first.exception() is not None
    assert not second.done()
    line.wait(TIMEOUT_S, each=line.hear)
    assert second.exception() is not None


async def test_lookups_are_failed_like_other_calls() -> None:
    line = Line()
    waiter: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    line.pending.append(Gets({"key": waiter}))
    line.deadlines.sent(10)
    line.wait(2 * TIMEOUT_S, each=line.hear)
    with pytest.raises(CacheUnavailable, match="did not answer"):
        waiter.result()


async def test_a_server_that_says_nothing_is_given_up() -> None:
    line = Line()
    line.send()
    line.wait(TIMEOUT_S - STEP_S)
    assert line.silent_s == []
    line.wait(TIMEOUT_S)
    assert len(line.silent_s) == 1
    assert line.silent_s[0] >= TIMEOUT_S


async def test_silence_before_anything_was_asked_does_not_count() -> None:
    line = Line()
    line.send()
    line.answer()
    line.wait(10 * TIMEOUT_S)
    line.send()
    line.wait(TIMEOUT_S - STEP_S)
    assert line.silent_s == []


async def test_a_server_that_reads_a_large_value_is_not_silent() -> None:
    line = Line()
    large = line.send(1000)
    line.backlog_bytes = 1000
    line.wait(3 * TIMEOUT_S, each=lambda: line.take(2))
    assert line.silent_s == []
    assert large.exception() is not None  # it had its time; the connection is kept


async def test_a_server_that_stops_reading_is_silent() -> None:
    line = Line()
    line.send(1000)
    line.backlog_bytes = 1000
    line.wait(TIMEOUT_S / 2, each=lambda: line.take(2))
    assert line.silent_s == []
    line.wait(2 * TIMEOUT_S)
    assert len(line.silent_s) == 1


async def test_what_the_kernel_takes_for_a_hanging_server_is_no_sign_of_life() -> None:
    line = Line()
    for _ in range(40):  # as a connection with traffic: each call leaves the transport at once
        if not line.silent_s:
            line.send()
        line.wait(TIMEOUT_S / 20)
    assert len(line.silent_s) == 1


async def test_a_program_that_was_busy_itself_reads_first_and_blames_then() -> None:
    line = Line()
    line.send()
    line.clock.now += 5 * TIMEOUT_S  # the event loop did not run
    line.clock.fire()
    assert line.silent_s == []
    line.answer()
    line.wait(2 * TIMEOUT_S)
    assert line.silent_s == []


async def test_a_program_that_is_always_busy_gives_a_silent_server_up_all_the_same() -> None:
    line = Line()
    line.send()
    for _ in range(20):
        line.clock.now += TIMEOUT_S
        line.clock.fire()
    assert len(line.silent_s) == 1
