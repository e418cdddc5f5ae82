"""`Loads`: what follows a lookup: serve what was found, join the load under way, or begin one."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from candlefish.client.aside.aside import Aside
from candlefish.client.aside.batch import Batch
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.form import Form
from candlefish.client.aside.freshness import SERVED, Freshness
from candlefish.client.aside.loading import Terms, load_away
from candlefish.client.aside.lookup import AWAY, NOTHING, Found
from candlefish.client.aside.policy import Policy
from candlefish.client.aside.tags import Opened


class Wanted(NamedTuple):
    """A key, the caller's own name of it, and what a lookup found there."""

    key: str
    name: Any
    found: Found


class Loads:
    """Begin loads and wait for them; a caller that gives up takes nothing from the others."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside

    async def serve(self, wanted: Sequence[Wanted], under: Opened, terms: Terms) -> list[Any]:
        """Return the values, in order: what was found where the policy lets it be served, else what is loaded.

        What is served though its time is over, or nearly, is loaded anew for later callers, together with the rest.
        """
        flights: dict[str, Flight] = {}
        new: list[Flight] = []
        for one in wanted:
            if one.found.freshness is not Freshness.FRESH:
                flights[one.key] = self._find_flight(one, under.form) or self._make_flight(one, under, new)
        self._start(new, terms)
        return [
            one.found.value
            if one.found.freshness in SERVED
            else await self._wait(flights[one.key], one.found, terms.policy)
            for one in wanted
        ]

    async def reload(self, key: str, under: Opened, terms: Terms) -> Any:
        """Return the value as a load gives it that begins now, whatever is kept or under way."""
        self._aside.flights.void(key)
        flight = Flight(key, under.form, tags=under.tags, away=under.away)
        self._aside.flights.add(flight)
        self._start([flight], terms, anew=True)
        return await self._wait(flight, NOTHING, terms.policy)

    def _find_flight(self, one: Wanted, form: Form) -> Flight | None:
        flight = self._aside.flights.find(one.key, form)
        if flight is not None and one.found.freshness not in SERVED:
            self._aside.counts.joined += 1
        return flight

    def _make_flight(self, one: Wanted, under: Opened, new: list[Flight]) -> Flight:
        away = under.away or one.found is AWAY
        flight = Flight(one.key, under.form, name=one.name, unwanted=one.found.stamp, away=away, tags=under.tags)
        self._aside.counts.early += one.found.freshness is Freshness.EARLY
        self._aside.flights.add(flight)
        new.append(flight)
        return flight

    def _start(self, flights: Sequence[Flight], terms: Terms, *, anew: bool = False) -> None:
        """Answer flights in a task, in a copy of the caller's context."""
        if not flights:
            return
        if all(flight.away for flight in flights):
            work = load_away(self._aside, flights, terms)
        else:
            work = Batch(self._aside, flights, terms, anew=anew).run()
        self._aside.flights.start(work, flights)

    async def _wait(self, flight: Flight, found: Found, policy: Policy) -> Any:
        """Return a flight's value, or what was found when the load fails or takes long and the policy says so."""
        if found.is_spare(policy):
            await asyncio.wait([flight.answer], timeout=_remaining_s(flight, policy.soft_timeout_s))
            failed = not flight.answer.done() or flight.answer.exception() is not None
            if failed and found.is_spare(policy):
                self._aside.counts.stale += 1
                return found.value
        return flight.form.open(await flight.join())


def _remaining_s(flight: Flight, timeout_s: float | None) -> float | None:
    if timeout_s is None:
        return None
    return max(0.0, flight.began_s + timeout_s - asyncio.get_running_loop().time())
