"""Single-flight: whoever asks for a key that is on its way here already waits for the same answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.form import Form


class Flight:
    """One key on its way: from a loader here, or from another process that holds its lease.

    `answer` becomes the entry, of which every caller decodes a copy of its own. `stamp` names what is loaded, and is
    the token of the lease; `unwanted` is the stamp of an entry that is to be replaced. `name` is the caller's own name
    of the key, `away` says that Redis could not be asked who loads it.
    """

    __slots__ = ("answer", "away", "began_s", "form", "key", "name", "stamp", "unwanted")

    def __init__(self, key: str, form: Form, *, name: Any = None, unwanted: bytes = b"", away: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[bytes] = loop.create_future()
        self.answer.add_done_callback(_see)
        self.began_s = loop.time()
        self.stamp = make_stamp()
        self.key = key
        self.form = form
        self.name = name
        self.unwanted = unwanted
        self.away = away


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
        if isinstance(outcome, bytes):
            flight.answer.set_result(outcome)
        else:
            flight.answer.set_exception(outcome)

    def void(self, key: str) -> None:
        """Let nobody join what is on its way for a key: it may be older than what was just written."""
        self._flights.pop(key, None)

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run something in a task that `close` ends, in a copy of the caller's context."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_see)
        return task

    async def close(self) -> None:
        """End everything that is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _see(done: "asyncio.Future[Any]") -> None:
    """Look at the outcome, which may have nobody left who waits for it."""
    if not done.cancelled():
        done.exception()
