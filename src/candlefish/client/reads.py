"""Reads: where they run, and where they run again."""

from collections.abc import Callable
from typing import Any, TypeVar

from candlefish.client.fence import Load, current_load
from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.exceptions import READ_ONLY, PlanOutdated
from candlefish.client.postgres.fenced import ReplicaBehind, is_replica_with, run_fenced
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.proof import condition, prove_on_primary
from candlefish.client.postgres.retry import CONFLICTS, Retry, is_lost, nothing_changed
from candlefish.client.postgres.statement import Method, ask
from candlefish.client.postgres.watched import Route
from candlefish.client.routing import Router
from candlefish.errors import AcquireTimeout, DatabaseError, StatementFailed

T = TypeVar("T")


def always() -> bool:
    """Say that a statement may be repeated."""
    return True


class Reads:
    """Run reads on replicas, and on the primary when none will do; repeat them for `retry_s` after the first failure.

    A replica is left at once for the next one; when the primary fails too, it all begins again after a pause.
    `proves` False: what the cache keeps of these reads is not fenced.
    """

    def __init__(self, router: Router, retry_s: float, *, proves: bool = True) -> None:
        self._router = router
        self._retry_s = retry_s
        self._proves = proves

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
        load = current_load() if self._proves else None
        while True:
            route = router.pick_read(tried) if load is None or load.fence.floor is not None else router.to_primary
            if load is None and route.pool is router.primary and router.replicas and not tried:
                await router.wait_for_replica()
                route = router.pick_read()
            try:
                if load is not None:
                    result = await ask(route.pool, self._prove(method, route, load), sql, args, timeout_s)
                elif route.fence is None:
                    result = await ask(route.pool, method, sql, args, timeout_s)
                else:
                    result = await ask(route.pool, fenced(method, is_replica_with(route.fence)), sql, args, timeout_s)
                if route.pool is not router.primary:
                    router.note_read(route.pool)
                return result
            except ReplicaBehind:
                if route.fence is not None:
                    router.note_behind(route.pool)
                tried = (*tried, route.pool)
            except DatabaseError as error:
                retry = retry or Retry(self._retry_s, timeout_s)
                if not may_repeat():
                    raise nothing_changed(error) from error.__cause__
                tried = await self._next(error, route.pool, retry, tried)

    def _prove(self, method: Method[T], route: Route, load: Load) -> Method[T]:
        """Return a method that runs another where it sees what the load has to see; the primary answers in any case."""
        if route.pool is self._router.primary:
            return proved(method, load)
        behind = condition(load.fence)
        return noted(fenced(method, f"{is_replica_with(route.fence)} and {behind}" if route.fence else behind), load)

    async def _next(self, error: DatabaseError, pool: Pool, retry: Retry, tried: tuple[Pool, ...]) -> tuple[Pool, ...]:
        """Return the pools that the next try passes over; raise where there shall be none."""
        on_replica = pool is not self._router.primary
        conflict = isinstance(error, StatementFailed) and error.sqlstate in CONFLICTS
        outdated = isinstance(error, PlanOutdated)
        stuck = isinstance(error, AcquireTimeout) and on_replica and not self._router.answers(pool)
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


def fenced(method: Method[T], holds: str) -> Method[T]:
    """Return a method that runs another where a condition holds, and raises ReplicaBehind elsewhere."""

    async def run(connection: Connection, sql: str, *args: Any, timeout: float | None) -> T:  # noqa: ASYNC109 - the driver's name for it
        return await run_fenced(connection, lambda lent, text: method(lent, text, *args, timeout=timeout), sql, holds)

    return run


def proved(method: Method[T], load: Load) -> Method[T]:
    """Return a method that asks a primary whether it sees what a load has to see, and runs another in any case."""

    async def run(connection: Connection, sql: str, *args: Any, timeout: float | None) -> T:  # noqa: ASYNC109 - the driver's name for it
        await prove_on_primary(connection, load)
        return await method(connection, sql, *args, timeout=timeout)

    return run


def noted(method: Method[T], load: Load) -> Method[T]:
    """Return a method that runs another and notes that it saw what the load has to see."""

    async def run(connection: Connection, sql: str, *args: Any, timeout: float | None) -> T:  # noqa: ASYNC109 - the driver's name for it
        result = await method(connection, sql, *args, timeout=timeout)
        load.note_proved()
        return result

    return run


def _explain(error: DatabaseError, on_replica: bool) -> DatabaseError:
    if on_replica and isinstance(error, StatementFailed) and error.sqlstate == READ_ONLY:
        error.hint = "the statement writes: pass primary=True"
    return nothing_changed(error)
