"""Reads: where they run, and where they run again."""

from collections.abc import Callable
from typing import Any, TypeVar

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.exceptions import READ_ONLY, PlanOutdated
from candlefish.client.postgres.fenced import ReplicaBehind, run_fenced
from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.retry import CONFLICTS, Retry, is_lost, nothing_changed
from candlefish.client.postgres.statement import Method, ask
from candlefish.client.routing import Router
from candlefish.errors import AcquireTimeout, DatabaseError, StatementFailed

T = TypeVar("T")


def always() -> bool:
    """Say that a statement may be repeated."""
    return True


class Reads:
    """Run reads on replicas, and on the primary when none will do; repeat them for `retry_s` after the first failure.

    A replica is left at once for the next one; when the primary fails too, it all begins again after a pause.
    """

    def __init__(self, router: Router, retry_s: float) -> None:
        self._router = router
        self._retry_s = retry_s

    async def run(
        self,
        method: Method[T],
        sql: str,
        args: tuple[Any, ...],
        timeout_s: float | None,
        may_repeat: Callable[[], bool] = always,
    ) -> T:
        """Run a statement that only reads."""
        router = self._router
        retry: Retry | None = None
        tried: tuple[Pool, ...] = ()
        while True:
            route = router.pick_read(tried)
            if route.pool is router.primary and router.replicas and not tried:
                await router.wait_for_replica()
                route = router.pick_read()
            try:
                if route.fence is None:
                    result = await ask(route.pool, method, sql, args, timeout_s)
                else:
                    result = await ask(route.pool, fenced(method, route.fence), sql, args, timeout_s)
                if route.pool is not router.primary:
                    router.note_read(route.pool)
                return result
            except ReplicaBehind:
                router.note_behind(route.pool)
                tried = (*tried, route.pool)
            except DatabaseError as error:
                retry = retry or Retry(self._retry_s, timeout_s)
                if not may_repeat():
                    raise nothing_changed(error) from error.__cause__
                tried = await self._next(error, route.pool, retry, tried)

    async def _next(self, error: DatabaseError, pool: Pool, retry: Retry, tried: tuple[Pool, ...]) -> tuple[Pool, ...]:
        """Return the pools that the next try passes over; raise where there shall be none."""
        on_replica = pool is not self._router.primary
        conflict = isinstance(error, StatementFailed) and error.sqlstate in CONFLICTS
        outdated = isinstance(error, PlanOutdated)
        stuck = isinstance(error, AcquireTimeout) and on_replica and not self._router.is_in_rotation(pool)
        if pool.closed or not (conflict or outdated or stuck or is_lost(error)):
            raise _explain(error, on_replica)
        pool.retries += 1
        if outdated:
            await retry.pause(error)
            return tried
        if on_replica:
            if not (conflict or stuck):
                self._router.leave_out(pool)
            return (*tried, pool)
        await retry.pause(nothing_changed(error))
        return ()


def fenced(method: Method[T], fence: Position) -> Method[T]:
    """Return a method that runs another where `fence` has been replayed."""

    async def run(connection: Connection, sql: str, *args: Any, timeout: float | None) -> T:  # noqa: ASYNC109 - the driver's name for it
        return await run_fenced(connection, lambda lent, text: method(lent, text, *args, timeout=timeout), sql, fence)

    return run


def _explain(error: DatabaseError, on_replica: bool) -> DatabaseError:
    if on_replica and isinstance(error, StatementFailed) and error.sqlstate == READ_ONLY:
        error.hint = "the statement writes: pass primary=True"
    return nothing_changed(error)
