"""`run_loader`: one run of the caller's loader for some flights, and what became of each."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from candlefish.client.aside.aside import Aside
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.freshness import MS, now_ms, time_entry
from candlefish.client.aside.policy import Policy
from candlefish.errors import CacheError, LoadTimeout, UsageError

Load = Callable[[Sequence[Flight]], Coroutine[Any, Any, Sequence[Any]]]
"""The caller's loader: it gives a value for each flight, in their order."""


class Terms(NamedTuple):
    """How something is loaded and kept: the loader, the policy, and the TTL of what it gives."""

    load: Load
    policy: Policy
    ttl_s: float

    @property
    def longest_s(self) -> float:
        """Give for how long a value is kept at most."""
        return self.ttl_s + self.policy.stale_s


class Kept(NamedTuple):
    """An entry, and its TTL in Redis; 0: it is not kept."""

    entry: bytes
    ttl_ms: int


Outcome = Kept | Exception


async def run_loader(aside: Aside, flights: Sequence[Flight], terms: Terms) -> dict[Flight, Outcome]:
    """Run the loader once, for at most the policy's hard timeout."""
    aside.counts.loads += 1
    began_s = monotonic()
    try:
        values = await (_run(flights, terms) if terms.policy.hard_timeout_s is None else _bound(aside, flights, terms))
    except Exception as error:  # noqa: BLE001 - whatever the loader raises is for those who wait
        aside.counts.load_errors += 1
        return dict.fromkeys(flights, error)
    load_ms = round((monotonic() - began_s) * MS)
    return {flight: _seal(flight, value, load_ms, terms) for flight, value in zip(flights, values, strict=True)}


def answer(aside: Aside, outcomes: Mapping[Flight, Outcome]) -> None:
    """Give everyone who waits what was loaded."""
    for flight, outcome in outcomes.items():
        aside.flights.land(flight, outcome.entry if isinstance(outcome, Kept) else outcome)


async def load_away(aside: Aside, flights: Sequence[Flight], terms: Terms) -> None:
    """Load what Redis cannot be asked about, so many loads at once, and keep nothing."""
    async with aside.away.slots:
        answer(aside, await run_loader(aside, flights, terms))


async def _run(flights: Sequence[Flight], terms: Terms) -> Sequence[Any]:
    try:
        return await terms.load(flights)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise CacheError(f"the load of {_name(flights)} was cancelled") from None  # by the loader itself


async def _bound(aside: Aside, flights: Sequence[Flight], terms: Terms) -> Sequence[Any]:
    """Run the loader in a task, which may not end when it is cancelled: nobody waits for that."""
    timeout_s = terms.policy.hard_timeout_s
    load = aside.flights.start(_run(flights, terms))
    try:
        await asyncio.wait([load], timeout=timeout_s)
    finally:
        load.cancel()
    if not load.done():
        raise LoadTimeout(f"the load of {_name(flights)} took longer than {timeout_s:g} s")
    values: Sequence[Any] = load.result()
    return values


def _name(flights: Sequence[Flight]) -> str:
    more = f" and {len(flights) - 1} more keys" if len(flights) > 1 else ""
    return f"{flights[0].key!r}{more}"


def _seal(flight: Flight, value: Any, load_ms: int, terms: Terms) -> Outcome:
    """Make the entry of a loaded value."""
    policy, ttl_s = terms.policy, terms.ttl_s
    if value is None:
        ttl_s = min(ttl_s, policy.none_ttl_s)
    times = time_entry(policy, ttl_s, now_ms())
    try:
        entry = flight.form.seal(value, flight.stamp, flight.basis, times, load_ms=load_ms)
    except UsageError as error:
        return error
    return Kept(entry, times.ttl_ms if ttl_s else 0)


def load_one(loader: Callable[[], Awaitable[Any]]) -> Load:
    """Make a loader of a single value one of a batch."""

    async def load(flights: Sequence[Flight]) -> Sequence[Any]:
        return [await loader()]

    return load


def load_many(loader: Callable[[list[Any]], Awaitable[Mapping[Any, Any]]]) -> Load:
    """Make a loader of values by their names one of a batch: what it leaves out is None."""

    async def load(flights: Sequence[Flight]) -> Sequence[Any]:
        loaded = await loader([flight.name for flight in flights])
        return [loaded.get(flight.name) for flight in flights]

    return load
