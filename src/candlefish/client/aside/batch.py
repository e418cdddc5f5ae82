"""`Batch`: the flights that one caller began, from the first question to Redis to the last answer."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.claims import Claims
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.lease import Lease
from candlefish.client.aside.loading import Kept, Outcome, Terms, answer, run_loader
from candlefish.client.aside.tags import raise_fences
from candlefish.client.fence import NO_FENCE, Load, join_fences, under
from candlefish.errors import CacheUnavailable

RENEWALS_PER_LEASE: Final = 3
"""A lease is renewed this often within its time, so that one renewal may fail before it is lost."""


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
        finally:
            self._claims.close()

    async def _run_loader(self, flights: Sequence[Flight]) -> None:
        """Run the loader under the leases, keep what it gave, give the leases back, and answer: in this order."""
        outcomes: dict[Flight, Outcome] = {}
        load = Load(NO_FENCE)
        leases = self._claims.find_leases(flights)
        renewals = [self._aside.flights.start(self._renew(leases))] if leases else []
        try:
            async with self._slot(flights):
                outcomes, load = await self._load(flights)
        finally:
            for renewal in renewals:
                renewal.cancel()
            await each([self._give_back(flight, lease, outcomes.get(flight), load) for flight, lease in leases.items()])
        answer(self._aside, outcomes)

    async def _load(self, flights: Sequence[Flight]) -> tuple[dict[Flight, Outcome], Load]:
        fences = [fence for flight in flights for fence in (flight.fence, *(tag.fence for tag in flight.tags))]
        with under(join_fences(fences)) as load:
            return await run_loader(self._aside, flights, self._terms), load

    def _slot(self, flights: Sequence[Flight]) -> AbstractAsyncContextManager[Any]:
        """Bound the loads that no lease bounds."""
        return self._aside.away.slots if any(flight.away for flight in flights) else nullcontext()

    async def _give_back(self, flight: Flight, lease: Lease, outcome: Outcome | None, load: Load) -> None:
        """Keep an entry, if there is one to keep, and end the lease; without Redis it ends by itself."""
        try:
            if not isinstance(outcome, Kept) or not outcome.ttl_ms:
                await lease.release()
            elif load.refused:
                self._aside.counts.refused_fills += 1
                await lease.release()
            elif await lease.fill(outcome.entry, outcome.ttl_ms, load):
                self._aside.counts.bytes_written += len(outcome.entry)
                await raise_fences(self._aside, flight.tags, load)
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
