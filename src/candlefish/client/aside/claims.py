"""`Claims`: the leases that a batch asks for, which of them it gets, and when to ask again for the others."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.entry import read_header
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.form import Unreadable
from candlefish.client.aside.freshness import MS
from candlefish.client.aside.lease import Lease, Taken
from candlefish.errors import CacheUnavailable

FIRST_POLL_S: Final = 0.01
LONGEST_POLL_S: Final = 0.1
"""Pauses between two looks at another's lease where the server cannot push (RESP2): each is twice the one before."""

UNASKED: Final[list[bytes]] = []
"""What stands for a granted lease where there is nobody to ask."""

AT_ONCE: Final = 0.0
"""A time that has passed already."""


class Claims:
    """Ask for the leases of flights until each is granted or answered by what another process has filled."""

    def __init__(self, aside: Aside, flights: Sequence[Flight], *, anew: bool) -> None:
        self._aside = aside
        self._anew = anew
        self._due = dict.fromkeys(flights, AT_ONCE)
        self._poll_s = FIRST_POLL_S
        self._changed = asyncio.Event()
        self._leases = {flight: self._make_lease(flight) for flight in flights if not flight.away}

    def __bool__(self) -> bool:
        """Tell whether anything is still to be asked for."""
        return bool(self._due)

    def find_leases(self, flights: Sequence[Flight]) -> dict[Flight, Lease]:
        """Return the leases of flights; one about which Redis could not be asked has none."""
        return {flight: self._leases[flight] for flight in flights if not flight.away}

    async def ask(self) -> list[Flight]:
        """Wait for the next change and ask again; return the flights that are to be loaded here."""
        due = await self._wait()
        granted = []
        for flight, taken in zip(due, await each([self._take(flight) for flight in due]), strict=True):
            if isinstance(taken, list):
                granted.append(flight)
                self._grant(flight)
            elif isinstance(taken, bytes):
                self._receive(flight, taken)
            else:
                self._postpone(flight, taken / MS)
        return granted

    def close(self) -> None:
        """Hear of no more changes."""
        for lease in self._leases.values():
            lease.unwatch()

    def _make_lease(self, flight: Flight) -> Lease:
        return Lease(
            self._aside.redis, self._aside.fences, flight, self._aside.lease_s, partial(self._note_change, flight)
        )

    def _note_change(self, flight: Flight) -> None:
        """Ask again for a lease that another had; let nobody join a load that may have lost its own (by a delete)."""
        if flight in self._due:
            self._changed.set()
        else:
            self._aside.flights.drop(flight)

    async def _wait(self) -> list[Flight]:
        while not (due := self._find_due()):
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(self._due.values())):
                    await self._changed.wait()
        return due

    def _find_due(self) -> list[Flight]:
        now = asyncio.get_running_loop().time()
        return [flight for flight, due in self._due.items() if due <= now or self._leases[flight].changed]

    async def _take(self, flight: Flight) -> Taken:
        """Ask once; without Redis there is nobody who could say no."""
        if not flight.away:
            try:
                return await self._leases[flight].take(flight.unwanted, anew=self._anew)
            except CacheUnavailable:
                self._aside.counts.errors += 1
                flight.away = True
        return UNASKED

    def _grant(self, flight: Flight) -> None:
        del self._due[flight]
        if not flight.away and self._leases[flight].changed:
            self._aside.flights.drop(flight)

    def _receive(self, flight: Flight, entry: bytes) -> None:
        """Answer with what another process has filled; what cannot be read is to be replaced."""
        try:
            flight.form.open(entry)
        except Unreadable:
            header = read_header(entry)
            flight.unwanted = header.stamp if header is not None else b""
            self._due[flight] = AT_ONCE
            return
        del self._due[flight]
        self._aside.counts.bytes_read += len(entry)
        self._aside.flights.land(flight, entry)

    def _postpone(self, flight: Flight, held_s: float) -> None:
        """Ask again when another's lease has changed, or at its end: that process may have died."""
        if self._due[flight] == AT_ONCE:
            self._aside.counts.waits += 1
        if not self._aside.redis.pushes:
            held_s = min(held_s, self._poll_s)
            self._poll_s = min(2 * self._poll_s, LONGEST_POLL_S)
        self._due[flight] = asyncio.get_running_loop().time() + max(held_s, FIRST_POLL_S)
