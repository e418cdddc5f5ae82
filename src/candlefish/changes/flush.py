"""Forget everything that a cache keeps, while it is being used.

Three passes, each of which begins when the one before has ended:

1. Every fence loses its floor. A load that takes its lease from now on reads the primary, which has all that was
   missed; it may be kept whenever it comes.
2. Every lease is deleted. A load that took its lease before pass 1 (on a replica, perhaps, under a floor that knows
   nothing of what was missed) has been kept by now, or never will be. SCAN gives all that is there from its
   beginning to its end, and such a lease was there when pass 2 began, or its load has been kept already.
3. Every entry, side entry and tag is deleted: what pass 2 left behind was there when pass 3 began.

Entries in the first or second place would be wrong: a load could be kept behind the back of SCAN, in a place where it
has been already. Writers stay named in their fences: one of them may be about to commit.

All names that begin with the prefix are the cache's. With the prefix "" this is the whole database of Redis.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Final

from candlefish.changes.places import INVALIDATE_PLACES, PLACES_IN_A_CALL
from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.fences import Fences
from candlefish.client.redis.client import Argument, Redis
from candlefish.client.redis.connection import RedisConnection

SCANNED: Final = 1000
"""Names that one SCAN looks at: less than a millisecond, in which Redis does nothing else."""


class Flush:
    """Forget what one cache keeps."""

    def __init__(self, redis: Redis, prefix: str, *, sharded: bool) -> None:
        self._redis = redis
        self._sharded = sharded
        self._fences = Fences(prefix, sharded=sharded)
        self._own = f"{prefix}~fence:".encode()
        literal = re.sub(r"([\\*?\[\]])", r"\\\1", prefix)
        # what stands beside a key is named {key}~something, unless the key has a {tag} of its own
        self._patterns = (f"{literal}*", f"{{{literal}*") if prefix else ("*",)

    async def run(self) -> None:
        """Forget everything; raise CacheUnavailable, and then nothing is certain: run it again."""
        await self._renew_fences()
        await self._delete(lambda name: name.endswith(b"~lease"))
        await self._delete(lambda name: not self._is_fence(name))

    async def _renew_fences(self) -> None:
        fences = self._fences.names()
        for first in range(0, len(fences), PLACES_IN_A_CALL):
            await self._renew(fences[first : first + PLACES_IN_A_CALL])
        if self._sharded:
            async for _, names in self._scan(self._is_fence):
                await asyncio.gather(*(self._renew((name.decode(),)) for name in names))

    async def _renew(self, fences: tuple[str, ...]) -> None:
        """Take the floors away as an invalidation does, of a place and a lease that are not there."""
        keys = [name for fence in fences for name in (f"{fence}~none", f"{fence}~none", fence)]
        args: list[Argument] = [self._redis.epoch_of(fences[0]), "", *(make_stamp().hex() for _ in fences)]
        await self._redis.eval(INVALIDATE_PLACES, keys, args)

    async def _delete(self, wanted: Callable[[bytes], bool]) -> None:
        async for connection, names in self._scan(wanted):
            if self._sharded:
                await asyncio.gather(*(connection.call("UNLINK", name) for name in names))
            elif names:
                await connection.call("UNLINK", *names)

    async def _scan(self, wanted: Callable[[bytes], bool]) -> AsyncIterator[tuple[RedisConnection, list[bytes]]]:
        """Give all names of the cache, some at a time."""
        for connection in self._redis.connections():
            for pattern in self._patterns:
                cursor = b"0"
                while True:
                    cursor, names = await connection.call("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED)
                    yield connection, [name for name in names if wanted(name)]
                    if cursor == b"0":
                        break

    def _is_fence(self, name: bytes) -> bool:
        return name.endswith(b"~fence") if self._sharded else name.startswith(self._own)
