"""`Writes`: what an application itself changes in Redis, and what becomes of it when Redis does not take it."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.keys import name_lease
from candlefish.client.aside.lease import wake
from candlefish.client.aside.scripts import ANNOUNCE, CONFIRM, INVALIDATE, STORE
from candlefish.client.fence import Writer, Written
from candlefish.client.redis.client import Argument, Script
from candlefish.errors import CacheUnavailable


class Writes:
    """Store and invalidate. Either ends what is being loaded for the key meanwhile: that may be older."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside

    async def store(self, key: str, entry: bytes, ttl_ms: int) -> bool:
        """Keep an entry; return whether Redis took it."""
        self._aside.counts.bytes_written += len(entry)
        return await self._change(key, self._aside.redis.eval(STORE, (key, name_lease(key)), (entry, ttl_ms)))

    async def delete(self, keys: Sequence[str]) -> bool:
        """Delete keys; return whether Redis took it."""
        return await self._invalidate(INVALIDATE, keys)

    async def announce(self, keys: Sequence[str], written: Written) -> bool:
        """Delete keys that a transaction changes which is about to commit; return whether Redis took it."""
        (timeline, xid), (xmin, xmax, running) = written.writer, written.snapshot
        listed = f",{','.join(map(str, running))},"
        return await self._invalidate(ANNOUNCE, keys, written.system, timeline, xid, written.lsn, xmin, xmax, listed)

    async def confirm(self, keys: Sequence[str], writer: Writer) -> bool:
        """Delete keys of a transaction that has ended, where its announcement has been lost."""
        return await self._invalidate(CONFIRM, keys, f"{writer.timeline}.{writer.xid}")

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run something in a task that ends with the cache, not with its caller."""
        return self._aside.flights.start(work)

    async def _invalidate(self, script: Script, keys: Sequence[str], *args: Argument) -> bool:
        return all(await each([self._change(key, self._run(script, key, args)) for key in keys]))

    async def _run(self, script: Script, key: str, args: Sequence[Argument]) -> object:
        redis, fences = self._aside.redis, self._aside.fences
        names = (key, name_lease(key), fences.name(key))
        return await redis.eval(script, names, (redis.epoch_of(key), make_stamp().hex(), *args))

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
