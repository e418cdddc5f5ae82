"""Single-flight: whoever asks for a key that is on its way here already waits for the same answer."""

import asyncio
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.fences import OpenTag
from candlefish.client.aside.form import Form
from candlefish.client.fence import NO_FENCE
from candlefish.client.redis.epoch import NO_EPOCH
from candlefish.errors import CacheError


class Flight:
    """One key on its way: from a loader here, or from another process that holds its lease.

    `answer` becomes the entry, of which every caller decodes a copy of its own. `stamp` names what is loaded, and is
    the token of the lease; `unwanted` is the stamp of an entry that is to be replaced. `name` is the caller's own name
    of the key. `fence` and the fences of its `tags` are what its load has to see; `basis` is that of the entry to be
    kept. `away` says that Redis could not be asked who loads it.
    """

    __slots__ = (
        "answer",
        "away",
        "basis",
        "began_s",
        "fence",
        "form",
        "key",
        "name",
        "stamp",
        "tags",
        "unwanted",
        "waiters",
    )

    def __init__(
        self,
        key: str,
        form: Form,
        *,
        name: Any = None,
        unwanted: bytes = b"",
        away: bool = False,
        tags: Sequence[OpenTag] = (),
    ) -> None:
        loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[bytes] = loop.create_future()
        self.waiters: list[asyncio.Future[bytes]] = []
        self.began_s = loop.time()
        self.stamp = make_stamp()
        self.basis = NO_EPOCH
        self.fence = NO_FENCE
        self.key = key
        self.form = form
        self.name = name
        self.unwanted = unwanted
        self.away = away
        self.tags = tags

    def join(self) -> "asyncio.Future[bytes]":
        """Return a future of the answer which its caller may cancel."""
        if self.answer.done():
            return self.answer
        waiter: asyncio.Future[bytes] = self.answer.get_loop().create_future()
        self.waiters.append(waiter)
        return waiter

    def settle(self, outcome: bytes | BaseException) -> None:
        """Give everyone who waits the entry, or what went wrong."""
        for future in (self.answer, *self.waiters):
            if future.done():
                continue
            if isinstance(outcome, bytes):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)
                future.exception()  # there may be nobody left who looks


class Flights:
    """The flights of this process that may be joined, and the tasks that answer them."""

    def __init__(self) -> None:
        self._flights: dict[str, dict[Form, Flight]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def find(self, key: str, form: Form) -> Flight | None:
        """Return the flight of a key that may be joined."""
        forms = self._flights.get(key)
        return forms.get(form) if forms is not None else None

    def add(self, flight: Flight) -> None:
        """Let others join a flight."""
        self._flights.setdefault(flight.key, {})[flight.form] = flight

    def drop(self, flight: Flight) -> None:
        """Let nobody join a flight any more; those who have joined get its answer."""
        if self.find(flight.key, flight.form) is flight:
            del self._flights[flight.key][flight.form]
            if not self._flights[flight.key]:
                del self._flights[flight.key]

    def land(self, flight: Flight, outcome: bytes | BaseException) -> None:
        """Give everyone who waits for a flight its entry, or raise what went wrong."""
        self.drop(flight)
        flight.settle(outcome)

    def void(self, key: str) -> None:
        """Let nobody join what is on its way for a key: it may be older than what was just written."""
        self._flights.pop(key, None)

    def start(self, work: Coroutine[Any, Any, Any], answers: Sequence[Flight] = ()) -> "asyncio.Task[Any]":
        """Run something in a task that `close` ends, in a copy of the caller's context.

        The flights that it `answers` fail as it does, except for those that have landed.
        """
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._end, answers))
        return task

    async def close(self) -> None:
        """End everything that is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, answers: Sequence[Flight], task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()  # seen, too: there may be nobody left who waits for it
        for flight in answers:
            if not flight.answer.done():
                self.land(flight, error or CacheError(f"the load of {flight.key!r} was cancelled"))
