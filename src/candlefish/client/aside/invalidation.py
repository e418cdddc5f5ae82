"""`KeysOfTransaction`: what the commit of a transaction makes invalid, before it and after it."""

import asyncio
from collections.abc import Sequence

from candlefish.client.aside.writes import Writes
from candlefish.client.fence import Written


class KeysOfTransaction:
    """Keys whose values a transaction changes.

    They are deleted before the commit, and their fences name the transaction: a load that has not seen its end is not
    kept. So a process that dies anywhere, between commit and reply too, leaves nothing that is out of date. After the
    commit only what has been lost meanwhile (a fence that was evicted, a Redis primary that died) is done again.
    """

    def __init__(self, writes: Writes, keys: Sequence[str]) -> None:
        self._writes = writes
        self._keys = keys
        self._announced = False

    async def announce(self, written: Written) -> None:
        """Delete the keys and name the transaction; without Redis it is done after the commit."""
        self._announced = await self._writes.announce(self._keys, written)

    def confirm(self, written: Written | None) -> "asyncio.Task[None]":
        """Do again what has been lost, in a task that the cache ends, not the caller."""
        return self._writes.start(self._confirm(written))

    async def _confirm(self, written: Written | None) -> None:
        if written is None or not self._announced:
            await self._writes.delete(self._keys)
        else:
            await self._writes.confirm(self._keys, written.writer)
