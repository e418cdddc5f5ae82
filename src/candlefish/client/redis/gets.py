"""Gets that leave together: each key once, with everyone who asked for it."""

import asyncio

Waiter = asyncio.Future[bytes | None]


class Gets(dict[str, list[Waiter]]):
    """The keys of one MGET and who waits for each; a caller that gives up has taken only its own future with it."""

    redirects = 0

    def settle(self, values: list[bytes | None]) -> None:
        """Hand out the values, which come in the order of the keys."""
        for waiters, value in zip(self.values(), values, strict=True):
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(value)

    def fail(self, error: Exception) -> None:
        """Tell everyone that there is no answer."""
        for waiters in self.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(error)

    def split(self) -> "list[Gets]":
        """Return one for each key."""
        singles = []
        for key, waiters in self.items():
            single = Gets({key: waiters})
            single.redirects = self.redirects
            singles.append(single)
        return singles

    def chunks(self, size: int) -> "list[Gets]":
        """Return the same in parts of at most `size` keys."""
        if len(self) <= size:
            return [self]
        parts: list[Gets] = []
        for key, waiters in self.items():
            if not parts or len(parts[-1]) == size:
                parts.append(Gets())
            parts[-1][key] = waiters
        return parts
