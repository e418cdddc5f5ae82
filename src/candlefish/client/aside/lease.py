"""`Lease`: the right to load one key, which one process of the fleet has at a time."""

from collections.abc import Callable

from candlefish.client.aside.fences import Fences, parse_fence, raise_fence
from candlefish.client.aside.flight import Flight
from candlefish.client.aside.freshness import MS
from candlefish.client.aside.keys import name_lease, name_side
from candlefish.client.aside.scripts import FILL, RELEASE, RENEW, TAKE
from candlefish.client.fence import Load
from candlefish.client.redis.client import Redis

Taken = bytes | int | list[bytes]
"""An entry that may be served, or the ms for which another holds the lease; a list: it is held now, under this fence.
"""


class Lease:
    """Take, renew and give back the lease of one key; each raises CacheUnavailable without Redis.

    Its token is the stamp of the flight, and so of what is filled under it. `on_change` is called when someone else
    may have changed the lease; `changed` keeps that until the next `take`.
    """

    __slots__ = ("_fence", "_fingerprint", "_flight", "_keys", "_lease_ms", "_on_change", "_redis", "_token", "changed")

    def __init__(
        self, redis: Redis, fences: Fences, flight: Flight, lease_s: float, on_change: Callable[[], None]
    ) -> None:
        self.changed = False
        self._redis = redis
        self._flight = flight
        self._fence = b""
        self._token = flight.stamp
        self._fingerprint = flight.form.fingerprint
        self._keys = (
            flight.key,
            name_lease(flight.key),
            fences.name(flight.key),
            name_side(flight.key, self._fingerprint),
        )
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
        flight = self._flight
        epoch = self._redis.epoch_of(flight.key)
        flight.basis = flight.form.bases[0] if flight.tags else epoch
        how, mark = "anew" if anew else "", self._token.hex()
        args = (self._fingerprint, unwanted, self._token, self._lease_ms, how, epoch, mark, flight.basis)
        taken: Taken = await self._redis.eval(TAKE, self._keys, args, watch=True)
        if isinstance(taken, list):
            self._fence = taken[0]
            flight.fence = parse_fence(self._fence)
        return taken

    async def renew(self) -> bool:
        """Begin the lease's time again; return whether it was still held."""
        return bool(await self._redis.eval(RENEW, self._keys, (self._token, self._lease_ms), watch=True))

    async def fill(self, entry: bytes, ttl_ms: int, load: Load) -> bool:
        """Keep an entry and give the lease back; return whether it was still held.

        Where there was no floor that a load had to see, what this one has seen is the floor from now on.
        """
        raised = raise_fence(self._flight.fence, load)
        args = (self._token, entry, ttl_ms, self._flight.basis, self._fence, raised)
        kept = bool(await self._redis.eval(FILL, self._keys, args))
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
