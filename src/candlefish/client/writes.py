"""Writes: they run on the primary, and run again only where that can't do them twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from candlefish.client.fence import current_load
from candlefish.client.postgres.retry import Retry, certainly_undone, is_lost, write_unknown
from candlefish.client.postgres.scope import TransactionScope
from candlefish.client.postgres.statement import Method, ask
from candlefish.client.postgres.transaction import Kind, Transaction
from candlefish.client.reads import always, proved
from candlefish.client.routing import Router
from candlefish.errors import DatabaseError

T = TypeVar("T")


class Writes:
    """Run what writes; repeat it for `retry_s` after the first failure where that is safe."""

    def __init__(self, router: Router, retry_s: float) -> None:
        self._router = router
        self._retry_s = retry_s

    async def run(
        self,
        method: Method[T],
        sql: str,
        args: tuple[Any, ...],
        timeout_s: float | None,
        idempotent: bool,
        may_repeat: Callable[[], bool] = always,
    ) -> T:
        """Run a statement; repeat it when it was certainly not carried out, or when twice does no harm."""
        router = self._router
        retry: Retry | None = None
        load = current_load()
        if load is not None:
            method = proved(method, load)
        while True:
            try:
                result = await ask(router.primary, method, sql, args, timeout_s)
                router.note_write()
                return result
            except DatabaseError as error:
                retry = retry or Retry(self._retry_s, timeout_s)
                await self._next(error, retry, idempotent=idempotent, may_repeat=may_repeat())
            except asyncio.CancelledError:
                router.note_write()
                raise

    async def run_transaction(
        self, function: Callable[[Transaction], Awaitable[T]], kind: Kind, *, idempotent: bool
    ) -> T:
        """Run a function in a transaction of its own; begin both anew as a whole where that is safe."""
        retry: Retry | None = None
        while True:
            try:
                async with self.open(kind) as transaction:
                    return await function(transaction)
            except DatabaseError as error:
                retry = retry or Retry(self._retry_s)
                await self._next(error, retry, idempotent=idempotent, may_repeat=True)

    def open(self, kind: Kind) -> TransactionScope:
        """Return a transaction on the primary, for `async with`."""
        return TransactionScope(self._router.primary, kind, retry_s=self._retry_s, note_write=self._router.note_write)

    async def _next(self, error: DatabaseError, retry: Retry, *, idempotent: bool, may_repeat: bool) -> None:
        """Wait before the next try; raise where there shall be none."""
        ours = error
        if error.carried_out is None:
            self._router.note_write()
            ours = write_unknown(error)
        primary = self._router.primary
        safe = certainly_undone(error) or (idempotent and is_lost(error))
        if primary.closed or not may_repeat or not safe:
            raise ours
        primary.retries += 1
        await retry.pause(ours)
