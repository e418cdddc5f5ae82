"""What goes on while Redis is away: so many loads at once, and the keys that it still has to forget."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Final

from candlefish.client.aside.fences import Fences
from candlefish.client.aside.keys import name_lease
from candlefish.client.redis.connection import RedisConnection, RedisRefused

REMEMBERED_DELETES: Final = 100_000
"""Keys. At some 100 bytes each this is 10 MB at most; beyond it the oldest are given up, and live to their TTL."""

SENT_AT_ONCE: Final = 1000
"""Deletes on their way together when Redis is back: so many are answered well within its timeout."""


class Away:
    """Bound the loads that no lease bounds, and remember the deletes that Redis did not take."""

    def __init__(self, loads: int, fences: Fences) -> None:
        self.loads = loads
        self._fences = fences
        self.slots = asyncio.Semaphore(loads)
        self._deletes: dict[str, int] = {}
        self._numbers = count()

    def begin(self) -> None:
        """Begin anew to count the loads: in another event loop, perhaps."""
        self.slots = asyncio.Semaphore(self.loads)

    def remember(self, key: str) -> None:
        """Remember a key of which Redis may hold what is older than a change."""
        self._deletes.pop(key, None)
        self._deletes[key] = next(self._numbers)
        if len(self._deletes) > REMEMBERED_DELETES:
            del self._deletes[next(iter(self._deletes))]

    def forget(self, key: str) -> None:
        """Note that Redis has taken a change of a key."""
        self._deletes.pop(key, None)

    async def send(self, connection: RedisConnection, serves: Callable[[str], bool]) -> None:
        """Delete what is remembered of the keys that this server serves, before anyone reads from it.

        A key that is remembered once more meanwhile is deleted once more.
        """
        sent = -1
        while due := [(key, number) for key, number in self._deletes.items() if number > sent and serves(key)]:
            sent = due[-1][1]
            for first in range(0, len(due), SENT_AT_ONCE):
                some = due[first : first + SENT_AT_ONCE]
                await asyncio.gather(*[self._send_one(connection, key, number) for key, number in some])

    async def _send_one(self, connection: RedisConnection, key: str, number: int) -> None:
        try:
            # the fence goes as a whole: what is loaded next is read from the primary
            await connection.call("DEL", key, name_lease(key), self._fences.name(key))
        except RedisRefused:  # it stays remembered; a lost connection is the caller's matter
            return
        if self._deletes.get(key) == number:
            self.forget(key)
