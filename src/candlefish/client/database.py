"""`Database`: reads from the replicas, writes to the primary, through bounded pools."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import asyncpg

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, refused_by_server, translate
from candlefish.client.postgres.pool import Connection, Pool
from candlefish.client.postgres.session import SessionScope
from candlefish.client.postgres.transaction import Isolation, TransactionScope
from candlefish.client.routing import Router
from candlefish.client.stats import PoolStats
from candlefish.endpoints import require_env
from candlefish.errors import StatementFailed, Unavailable, UsageError

T = TypeVar("T")
Call = Callable[[Connection, str], Awaitable[T]]
"""What to do with a connection and the text of the statement."""

_CONFLICT_WITH_RECOVERY = frozenset({"40001", "40P01"})
"""What a replica answers when replay removed the rows that a read still needed; the primary can serve that read."""


class Database:
    """Open pools on a write endpoint and any number of read endpoints; use it with `async with`.

    Reads (`fetch`, `fetchrow`, `fetchval`) go to the least busy replica, and to the primary when no replica works or
    `primary=True`: ask for that when the statement writes, or must see what was just written. A read that loses its
    replica is repeated on another; a write is never repeated.

    Raises AcquireTimeout after `acquire_timeout_s`, StatementTimeout after `statement_timeout_s`, Unavailable and
    StatementFailed; nothing of the driver's.
    """

    def __init__(
        self,
        write_url: str,
        *,
        read_urls: Sequence[str] = (),
        session_url: str = "",
        analytics_url: str = "",
        pool_size: int = 10,
        acquire_timeout_s: float = 5.0,
        statement_timeout_s: float = 60.0,
    ) -> None:
        def pool(name: str, url: str, *, prepared: bool | None = None) -> Pool:
            return Pool(
                name,
                url,
                size=pool_size,
                acquire_timeout_s=acquire_timeout_s,
                statement_timeout_s=statement_timeout_s,
                prepared=prepared,
            )

        replicas = [pool(f"read_{number}", url) for number, url in enumerate(read_urls, 1)]
        self._router = Router(pool("main", write_url), replicas)
        self._session = pool("session", session_url, prepared=True) if session_url else None
        self._analytics = pool("analytics", analytics_url) if analytics_url else None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Take the endpoints from the environment that `candlefish env` writes; `options` are the constructor's."""
        replicas = env.get("CANDLEFISH_READ_URLS", "") or env.get("CANDLEFISH_READ_URL", "")
        return cls(
            require_env(env, "CANDLEFISH_MAIN_URL"),
            read_urls=[url for url in replicas.split(",") if url],
            session_url=env.get("CANDLEFISH_SESSION_URL", ""),
            analytics_url=env.get("CANDLEFISH_ANALYTICS_URL", ""),
            **options,
        )

    async def __aenter__(self) -> Self:
        """Make sure that the primary answers; raise Unavailable when it does not."""
        try:
            pool = self._router.primary
            pool.release(await pool.acquire())
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every pool; what is lent out closes when it is given back."""
        await asyncio.gather(*(pool.close() for pool in self._pools()))

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> list[asyncpg.Record]:
        """Return all rows."""
        return await self._read(lambda connection, text: connection.fetch(text, *args), sql, primary)

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> asyncpg.Record | None:
        """Return the first row, or None."""
        return await self._read(lambda connection, text: connection.fetchrow(text, *args), sql, primary)

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first column of the first row, or None."""
        return await self._read(lambda connection, text: connection.fetchval(text, *args), sql, primary)

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement on the primary and return its command tag, such as "UPDATE 3"."""
        return await _run(self._router.primary, lambda connection, text: connection.execute(text, *args), sql)

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement on the primary once for each row of arguments, in one transaction."""
        kept = rows if isinstance(rows, Sequence) else list(rows)  # they may be needed a second time
        await _run(self._router.primary, lambda connection, text: connection.executemany(text, kept), sql)

    async def report(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return all rows of one statement from the analytics endpoint, where long reports disturb nobody."""
        if self._analytics is None:
            raise UsageError("this Database has no analytics endpoint", hint="pass analytics_url")
        return await _run(self._analytics, lambda connection, text: connection.fetch(text, *args), sql)

    def transaction(self, *, isolation: Isolation | None = None) -> TransactionScope:
        """Open a transaction on the primary: `async with db.transaction() as tx: await tx.execute(...)`."""
        return TransactionScope(self._router.primary, isolation)

    def session(self) -> SessionScope:
        """Borrow a whole connection to the primary, for what outlives a transaction (SET, LISTEN, advisory locks)."""
        if self._session is None:
            raise UsageError("this Database has no session endpoint", hint="pass session_url")
        return SessionScope(self._session)

    def stats(self) -> tuple[PoolStats, ...]:
        """Return the counts of every pool, the primary's first."""
        return tuple(pool.stats() for pool in self._pools())

    def _pools(self) -> list[Pool]:
        extra = [pool for pool in (self._session, self._analytics) if pool is not None]
        return [self._router.primary, *self._router.replicas, *extra]

    async def _read(self, call: Call[T], sql: str, primary: bool) -> T:
        router = self._router
        for _ in () if primary else router.replicas:
            pool = router.pick_read()
            if pool is router.primary:
                break
            try:
                return await _run(pool, call, sql)
            except PlanOutdated:
                continue
            except Unavailable:
                router.leave_out(pool)
            except StatementFailed as error:
                if error.sqlstate not in _CONFLICT_WITH_RECOVERY:
                    raise
                break
        return await _run(router.primary, call, sql)


async def _run(pool: Pool, call: Call[T], sql: str) -> T:
    mark = pool.plan_mark
    connection = await pool.acquire()
    clean = False
    try:
        result = await call(connection, sql + mark)
        clean = True
        return result
    except DRIVER_ERRORS as error:
        ours = translate(error)
        clean = refused_by_server(error) and isinstance(ours, StatementFailed)
        if not isinstance(ours, PlanOutdated):
            raise ours from error
        if mark == pool.plan_mark:
            pool.outdate_plans()
        if ours.carried_out:
            raise ours from error
    finally:
        pool.release(connection, clean=clean)
    return await _run(pool, call, sql)
