"""Gets that leave together: each key once, with everyone who asked for it."""

import asyncio
from collections.abc import Iterator

Waiter = asyncio.Future[bytes | None]


class Gets(dict[str, Waiter | list[Waiter]]):
    """The keys of one MGET and who waits for each: one caller as a rule, else a list of them.

    A caller that gives up has taken only its own future with it.
    """

    redirects = 0
    watched = False
    """Whether the server will say when one of these keys changes."""

    def join(self, key: str, waiter: Waiter) -> None:
        """Add someone who waits for a key that is asked for already."""
        before = self[key]
        if isinstance(before, list):
            before.append(waiter)
        else:
            self[key] = [before, waiter]

    def settle(self, values: list[bytes | None]) -> None:
        """Hand out the values, which come in the order of the keys."""
        for slot, value in zip(self.values(), values, strict=True):
            if isinstance(slot, list):
                for waiter in slot:
                    if not waiter.done():
                        waiter.set_result(value)
            elif not slot.done():
                slot.set_result(value)

    def fail(self, error: Exception) -> None:
        """Tell everyone that there is no answer."""
        for waiter in self._waiters():
            if not waiter.done():
                waiter.set_exception(error)

    def _waiters(self) -> Iterator[Waiter]:
        for slot in self.values():
            if isinstance(slot, list):
                yield from slot
            else:
                yield slot

    def split(self) -> "list[Gets]":
        """Return one for each key."""
        singles = []
        for key, waiters in self.items():
            single = Gets({key: waiters})
            single.redirects = self.redirects
            singles.append(single)
        return singles
