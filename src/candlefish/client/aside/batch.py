"""`Batch`: the flights that one caller began, from the first question to Redis to the last answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from time import monotonic
from typing import Any, Final, NamedTuple

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.claims import Claims
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.freshness import MS, now_ms, time_entry
from candlefish.client.aside.lease import Lease
from candlefish.client.aside.policy import Policy
from candlefish.errors import CacheError, CacheUnavailable, LoadTimeout, UsageError

Load = Callable[[Sequence[Flight]], Coroutine[Any, Any, Sequence[Any]]]
"""The caller's loader: it gives a value for each flight, in their order."""

RENEWALS_PER_LEASE: Final = 3
"""A lease is renewed this often within its time, so that one renewal may fail before it is lost."""


class Terms(NamedTuple):
    """How something is loaded and kept: the loader, the policy, and the TTL of what it gives."""

    load: Load
    policy: Policy
    ttl_s: float


class Kept(NamedTuple):
    """An entry, and its TTL in Redis; 0: it is not kept."""

    entry: bytes
    ttl_ms: int


Outcome = Kept | BaseException


class Batch:
    """Answer flights: with what other processes fill, and for the rest with one run of the loader.

    The loader runs once more only for keys whose loading process failed or died. Keys about which Redis cannot be
    asked are loaded too, a bounded number of loads at a time, and not kept.
    """

    def __init__(self, aside: Aside, flights: Sequence[Flight], terms: Terms, *, anew: bool = False) -> None:
        self._aside = aside
        self._flights = flights
        self._terms = terms
        self._claims = Claims(aside, flights, anew=anew)

    async def run(self) -> None:
        """Answer every flight."""
        try:
            while self._claims:
                if granted := await self._claims.ask():
                    await self._run_loader(granted)
        except Exception as error:
            self._land_rest(error)
            raise
        finally:
            self._claims.close()
            self._land_rest(CacheError(f"the load of {self._flights[0].key!r} was cancelled"))

    def _land_rest(self, error: Exception) -> None:
        for flight in self._flights:
            if not flight.answer.done():
                self._aside.flights.land(flight, error)

    async def _run_loader(self, flights: Sequence[Flight]) -> None:
        """Run the loader under the leases, keep what it gave, give the leases back, and answer: in this order."""
        outcomes: dict[Flight, Outcome] = {}
        leases = self._claims.find_leases(flights)
        renewals = [self._aside.flights.start(self._renew(leases))] if leases else []
        try:
            async with self._slot(flights):
                outcomes = await self._call(flights)
        finally:
            for renewal in renewals:
                renewal.cancel()
            await each([self._give_back(lease, outcomes.get(flight)) for flight, lease in leases.items()])
        for flight, outcome in outcomes.items():
            self._aside.flights.land(flight, outcome.entry if isinstance(outcome, Kept) else outcome)

    def _slot(self, flights: Sequence[Flight]) -> AbstractAsyncContextManager[Any]:
        """Bound the loads that no lease bounds."""
        return self._aside.away.slots if any(flight.away for flight in flights) else nullcontext()

    async def _call(self, flights: Sequence[Flight]) -> dict[Flight, Outcome]:
        """Run the loader once, for at most the policy's hard timeout."""
        self._aside.counts.loads += 1
        began_s = monotonic()
        load = self._aside.flights.start(self._terms.load(flights))
        try:
            await asyncio.wait([load], timeout=self._terms.policy.hard_timeout_s)
        finally:
            load.cancel()
        error = self._find_error(flights, load)
        if error is not None:
            self._aside.counts.load_errors += 1
            return dict.fromkeys(flights, error)
        load_ms = round((monotonic() - began_s) * MS)
        return {
            flight: self._seal(flight, value, load_ms) for flight, value in zip(flights, load.result(), strict=True)
        }

    def _find_error(self, flights: Sequence[Flight], load: "asyncio.Task[Sequence[Any]]") -> BaseException | None:
        more = f" and {len(flights) - 1} more keys" if len(flights) > 1 else ""
        if not load.done():
            timeout_s = self._terms.policy.hard_timeout_s
            return LoadTimeout(f"the load of {flights[0].key!r}{more} took longer than {timeout_s:g} s")
        if load.cancelled():
            return CacheError(f"the load of {flights[0].key!r}{more} was cancelled")
        return load.exception()

    def _seal(self, flight: Flight, value: Any, load_ms: int) -> Outcome:
        """Make the entry of a loaded value."""
        policy, ttl_s = self._terms.policy, self._terms.ttl_s
        if value is None:
            ttl_s = min(ttl_s, policy.none_ttl_s)
        times = time_entry(policy, ttl_s, now_ms())
        try:
            entry = flight.form.seal(value, flight.stamp, fresh_until_ms=times.fresh_until_ms, load_ms=load_ms)
        except UsageError as error:
            return error
        return Kept(entry, times.ttl_ms if ttl_s else 0)

    async def _give_back(self, lease: Lease, outcome: Outcome | None) -> None:
        """Keep an entry, if there is one to keep, and end the lease; without Redis it ends by itself."""
        try:
            if not isinstance(outcome, Kept) or not outcome.ttl_ms:
                await lease.release()
            elif await lease.fill(outcome.entry, outcome.ttl_ms):
                self._aside.counts.bytes_written += len(outcome.entry)
            else:
                self._aside.counts.refused_fills += 1
        except CacheUnavailable:
            self._aside.counts.errors += 1

    async def _renew(self, leases: Mapping[Flight, Lease]) -> None:
        """Keep the leases while the loader runs: when this process dies, they end by themselves."""
        while True:
            await asyncio.sleep(self._aside.lease_s / RENEWALS_PER_LEASE)
            await each([self._renew_one(flight, lease) for flight, lease in leases.items()])

    async def _renew_one(self, flight: Flight, lease: Lease) -> None:
        try:
            held = await lease.renew()
        except CacheUnavailable:
            self._aside.counts.errors += 1
            return
        if not held:
            self._aside.flights.drop(flight)


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
