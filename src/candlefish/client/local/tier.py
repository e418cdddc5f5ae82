"""`LocalTier`: what this process has read from Redis, served again while Redis would have said that it changed.

The connection that reads an entry is told of its change (CLIENT TRACKING), and no reply can pass the push that
ends it: both travel in one stream. What this process changes itself it is not told (NOLOOP): the replies to its own
changes end an entry as they come in, in the same stream.

A connection can die without a word, and a process can stop. So an entry is served only for `LEASE_S` after the
process asked Redis something that Redis has answered, by the clock of the moment in which it is served.
"""

import asyncio
from collections.abc import Callable, Sequence
from struct import Struct
from time import monotonic, time
from typing import Final

from candlefish.client.aside.entry import HEADER_BYTES, UNTIL_OFFSET
from candlefish.client.local.s3fifo import MOST_USES, S3Fifo
from candlefish.client.redis.connection import RedisConnection, RedisRefused

BEAT_S: Final = 0.05
"""Between two questions to Redis: 20 PINGs a second take 0.2 % of a core here and 0.01 % there."""

LEASE_S: Final = 0.2
"""For so long at most does a process that is cut off from Redis serve what has changed; three beats may be lost."""

_UNTIL: Final = Struct(">Q")
_MS: Final = 1000

Connections = Callable[[], Sequence[RedisConnection]]
"""Gives the connections that are open, one for each node."""


class LocalTier:
    """Keep at most `max_bytes` of entries, and give one back while it is certain that Redis has it still."""

    def __init__(self, max_bytes: int) -> None:
        self.kept = S3Fifo(max_bytes)
        self.hits = 0
        self._lease_until_s = 0.0
        self._beating: asyncio.Task[None] | None = None

    def find(self, key: str) -> bytes | None:
        """Return the entry of a key as Redis gave it, or None."""
        entry = self.kept.entries.get(key)
        if entry is None:
            return None
        now_s = monotonic()
        if now_s >= self._lease_until_s or now_s >= entry.until_s:
            return None
        if entry.uses < MOST_USES:
            entry.uses += 1
        self.hits += 1
        return entry.raw

    def put(self, key: str, raw: bytes) -> None:
        """Keep what Redis has just answered, until the time that the entry says; other things are not kept."""
        if len(raw) < HEADER_BYTES:
            return
        left_s = _UNTIL.unpack_from(raw, UNTIL_OFFSET)[0] / _MS - time()
        if left_s > 0:
            self.kept.put(key, raw, monotonic() + left_s)

    def discard(self, key: str) -> None:
        """Forget a key that this process has changed."""
        self.kept.discard(key)

    def changed(self, keys: Sequence[bytes] | None) -> None:
        """Forget keys that others have changed; None: changes may have been missed, so everything."""
        if keys is None:
            self.kept.clear()
        else:
            for key in keys:
                self.kept.discard(key.decode(errors="replace"))

    def renew(self, asked_s: float) -> None:
        """Note that Redis has answered what it was asked then, by `time.monotonic`."""
        self._lease_until_s = asked_s + LEASE_S

    def read_counts(self) -> dict[str, int]:
        """Return what `CacheStats` tells of this tier, by name."""
        kept = self.kept
        return {
            "local_hits": self.hits,
            "local_entries": len(kept.entries),
            "local_bytes": kept.used_bytes,
            "local_evictions": kept.evictions,
        }

    def open(self, connections: Connections) -> None:
        """Begin to ask Redis for the right to serve."""
        self._beating = asyncio.get_running_loop().create_task(self._beat(connections))

    async def close(self) -> None:
        """Serve nothing any more."""
        self.kept.clear()
        self._lease_until_s = 0.0
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self, connections: Connections) -> None:
        while True:
            asked_s = monotonic()
            if opened := connections():
                replies = await asyncio.gather(*[one.call("PING") for one in opened], return_exceptions=True)
                if all(map(_is_answer, replies)):
                    self.renew(asked_s)
            await asyncio.sleep(BEAT_S)


def _is_answer(reply: object) -> bool:
    """Tell whether Redis has answered: that this user may not PING is an answer too."""
    return isinstance(reply, RedisRefused) or not isinstance(reply, BaseException)
