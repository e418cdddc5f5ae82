"""`Writes`: what an application itself changes in Redis, and what becomes of it when Redis does not take it."""

from collections.abc import Awaitable, Sequence

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.keys import name_lease
from candlefish.client.aside.lease import wake
from candlefish.client.aside.scripts import STORE
from candlefish.errors import CacheUnavailable


class Writes:
    """Store and delete. Either ends what is being loaded for the key meanwhile: that may be older."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside

    async def store(self, key: str, entry: bytes, ttl_ms: int) -> bool:
        """Keep an entry; return whether Redis took it."""
        self._aside.counts.bytes_written += len(entry)
        return await self._change(key, self._aside.redis.eval(STORE, (key, name_lease(key)), (entry, ttl_ms)))

    async def delete(self, keys: Sequence[str]) -> bool:
        """Delete keys; return whether Redis took it."""
        call = self._aside.redis.call
        return all(await each([self._change(key, call(key, "DEL", key, name_lease(key))) for key in keys]))

    async def _change(self, key: str, call: Awaitable[object]) -> bool:
        """Let Redis change a key, and remember the key when it did not: what it holds is older than the change."""
        self._aside.flights.void(key)
        try:
            await call
        except CacheUnavailable:
            self._aside.counts.errors += 1
            self._aside.away.remember(key)
            return False
        wake(self._aside.redis, key)
        self._aside.away.forget(key)
        return True
