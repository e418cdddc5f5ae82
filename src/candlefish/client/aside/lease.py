"""`Lease`: the right to load one key, which one process of the fleet has at a time."""

from collections.abc import Callable
from typing import Final

from candlefish.client.aside.flight import Flight
from candlefish.client.aside.freshness import MS
from candlefish.client.aside.keys import name_lease, name_side
from candlefish.client.aside.scripts import FILL, RELEASE, RENEW, TAKE
from candlefish.client.redis.client import Redis

GRANTED: Final = None
"""What `take` gives when this lease is held now."""

Taken = bytes | int | None
"""An entry that may be served, or the ms for which another holds the lease, or GRANTED."""


class Lease:
    """Take, renew and give back the lease of one key; each raises CacheUnavailable without Redis.

    Its token is the stamp of the flight, and so of what is filled under it. `on_change` is called when someone else
    may have changed the lease; `changed` keeps that until the next `take`.
    """

    __slots__ = ("_fingerprint", "_keys", "_lease_ms", "_on_change", "_redis", "_token", "changed")

    def __init__(self, redis: Redis, flight: Flight, lease_s: float, on_change: Callable[[], None]) -> None:
        self.changed = False
        self._redis = redis
        self._token = flight.stamp
        self._fingerprint = flight.form.fingerprint
        self._keys = (flight.key, name_lease(flight.key), name_side(flight.key, self._fingerprint))
        self._lease_ms = round(lease_s * MS)
        self._on_change = on_change
        redis.listen(self._keys[1], self._note_change)

    async def take(self, unwanted: bytes, *, anew: bool) -> Taken:
        """Return an entry whose stamp is not `unwanted`, or take the lease, or learn how long another has it.

        `anew` takes the lease away from whoever holds it, and looks at no entry.
        """
        if anew:
            wake(self._redis, self._keys[0])  # who waits here asks again, after this
        self.changed = False
        args = (self._fingerprint, unwanted, self._token, self._lease_ms, "anew" if anew else "")
        taken: Taken = await self._redis.eval(TAKE, self._keys, args, watch=True)
        return taken

    async def renew(self) -> bool:
        """Begin the lease's time again; return whether it was still held."""
        return bool(await self._redis.eval(RENEW, self._keys, (self._token, self._lease_ms), watch=True))

    async def fill(self, entry: bytes, ttl_ms: int) -> bool:
        """Keep an entry and give the lease back; return whether it was still held."""
        kept = bool(await self._redis.eval(FILL, self._keys, (self._token, entry, ttl_ms)))
        wake(self._redis, self._keys[0])
        return kept

    async def release(self) -> None:
        """Give the lease back."""
        await self._redis.eval(RELEASE, self._keys, (self._token,))
        wake(self._redis, self._keys[0])

    def unwatch(self) -> None:
        """Hear of no more changes."""
        self._redis.unlisten(self._keys[1], self._note_change)

    def _note_change(self) -> None:
        self.changed = True
        self._on_change()


def wake(redis: Redis, key: str) -> None:
    """Wake who waits in this process for the lease of a key: Redis tells of the changes of others alone."""
    redis.changed([name_lease(key).encode()])
