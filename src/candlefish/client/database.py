"""`Database`: reads from the replicas, writes to the primary, through bounded pools."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import asyncpg

from candlefish.client.fetches import Fetches
from candlefish.client.postgres.copy import CopyIn, CopyOut, Format, Output, Records
from candlefish.client.postgres.notifications import Listening
from candlefish.client.postgres.own_writes import Scope
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.rows import convert_rows
from candlefish.client.postgres.scope import TransactionScope
from candlefish.client.postgres.session import SessionScope
from candlefish.client.postgres.transaction import Isolation, Transaction, make_kind
from candlefish.client.postgres.writing import is_write
from candlefish.client.reads import Reads
from candlefish.client.routing import Router
from candlefish.client.stats import PoolStats, ReplicaStats
from candlefish.client.writes import Writes
from candlefish.endpoints import require_env
from candlefish.errors import UsageError

T = TypeVar("T")


class Database(Fetches):
    """Open pools on a write endpoint and any number of read endpoints; use it with `async with`.

    Reads (`fetch`, `fetchrow`, `fetchval`) go to a replica that has what this context has written, and to the primary
    when there is none. What writes by its text goes to the primary too; pass `primary=True` where a function writes.
    `into` makes msgspec Structs, dataclasses, TypedDicts or pydantic models of the rows (of a single value: any type),
    and raises RowMismatch.

    For `retry_s` after the first failure, a read that loses its server is repeated elsewhere, and a write where it was
    certainly not carried out or is `idempotent`. Any other write whose answer is lost raises WriteUnknown.

    Raises AcquireTimeout after `acquire_timeout_s`, TooManyWaiting at once behind `max_waiting` callers,
    StatementTimeout after `statement_timeout_s` (`timeout_s` of a call, which bounds its repetitions too), Unavailable
    and StatementFailed; nothing of the driver's.
    """

    def __init__(
        self,
        write_url: str,
        *,
        read_urls: Sequence[str] = (),
        session_url: str = "",
        analytics_url: str = "",
        pool_size: int = 10,
        max_waiting: int = 1000,
        connect_timeout_s: float = 5.0,
        acquire_timeout_s: float = 5.0,
        statement_timeout_s: float = 60.0,
        retry_s: float = 30.0,
        lag_limit_s: float = 1.0,
        wait_for_replica_s: float = 0.0,
        remember_writes_s: float = 30.0,
    ) -> None:
        self._is_open = False
        self._write_url, self._read_urls = write_url, tuple(read_urls)
        self._session_url, self._analytics_url = session_url, analytics_url
        self._statement_timeout_s, self._retry_s = statement_timeout_s, retry_s
        self._make_pool = partial(
            Pool,
            size=pool_size,
            max_waiting=max_waiting,
            connect_timeout_s=connect_timeout_s,
            acquire_timeout_s=acquire_timeout_s,
            statement_timeout_s=statement_timeout_s,
            opened=False,
        )
        self._make_router = partial(
            Router,
            lag_limit_s=lag_limit_s,
            wait_for_replica_s=wait_for_replica_s,
            remember_writes_s=remember_writes_s,
        )
        self._prepare()

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
        """Make sure that the primary answers; raise Unavailable when it does not.

        What was closed can be opened again, in another event loop too.
        """
        if self._is_open:
            raise UsageError("this Database is open already", hint="open it once, where the program begins")
        self._prepare()
        self._is_open = True
        for pool in self._pools():
            pool.open()
        try:
            pool = self._router.primary
            pool.release(await pool.acquire())
            await self._router.start()
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
        self._is_open = False
        await asyncio.gather(self._router.close(), *(pool.close() for pool in self._pools()))

    def execute(
        self, sql: str, *args: object, idempotent: bool = False, timeout_s: float | None = None
    ) -> Coroutine[Any, Any, str]:
        """Run a statement on the primary and return its command tag, such as "UPDATE 3"."""
        return self._writes.run(asyncpg.Connection.execute, sql, args, timeout_s, idempotent)

    async def executemany(
        self, sql: str, rows: Iterable[Sequence[object]], *, idempotent: bool = False, timeout_s: float | None = None
    ) -> None:
        """Run a statement on the primary once for each row of arguments, all of them or none."""
        kept = rows if isinstance(rows, Sequence) else list(rows)  # they may be needed a second time
        await self._writes.run(asyncpg.Connection.executemany, sql, (kept,), timeout_s, idempotent)

    async def copy(
        self,
        table: str,
        records: Records,
        *,
        columns: Sequence[str] | None = None,
        schema: str | None = None,
        timeout_s: float | None = None,
    ) -> int:
        """Write records into a table with COPY, all of them or none, and return how many there were.

        `records` may be an asynchronous iterable. What an iterator has given can't be given again, so only a sequence
        is certain to be repeated after a failure.
        """
        source = CopyIn(table, records, columns, schema)
        within_s = timeout_s or self._statement_timeout_s
        with source.failures_raised():
            return await self._writes.run(source.run, "", (), within_s, False, source.may_repeat)

    async def copy_out(
        self,
        sql: str,
        *args: object,
        output: Output,
        format: Format = "csv",
        header: bool = False,
        delimiter: str | None = None,
        null: str | None = None,
        timeout_s: float | None = None,
    ) -> int:
        """Write rows to a path, a file of bytes or an async function, and return how many there were.

        Options are those of PostgreSQL's COPY. After a failure the output may have the first rows.
        """
        options = {"header": header or None, "delimiter": delimiter, "null": null}
        sink = CopyOut(output, format=format, **options)
        within_s = timeout_s or self._statement_timeout_s
        with sink.failures_raised():
            if is_write(sql):
                return await self._writes.run(sink.run, sql, args, within_s, False, sink.may_repeat)
            return await self._reads.run(sink.run, sql, args, within_s, sink.may_repeat)

    @overload
    async def report(
        self, sql: str, *args: object, into: None = None, timeout_s: float | None = None
    ) -> list[asyncpg.Record]: ...
    @overload
    async def report(self, sql: str, *args: object, into: type[T], timeout_s: float | None = None) -> list[T]: ...
    async def report(self, sql: str, *args: object, into: Any = None, timeout_s: float | None = None) -> Any:
        """Return all rows of a read from the analytics endpoint, where long reports disturb nobody.

        It may lag: what this context has just written need not be there.
        """
        if self._reports is None:
            raise UsageError("this Database has no analytics endpoint", hint="pass analytics_url")
        if is_write(sql):
            raise UsageError("a report only reads, and this statement writes", hint="use fetch or execute")
        rows = await self._reports.run(asyncpg.Connection.fetch, sql, args, timeout_s)
        return rows if into is None else convert_rows(rows, into)

    def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        readonly: bool = False,
        deferrable: bool = False,
        session: bool = False,
    ) -> TransactionScope:
        """Open a transaction on the primary: `async with db.transaction() as tx: await tx.execute(...)`.

        `session`: on the session endpoint, which long transactions don't take from others.
        """
        kind = make_kind(isolation, readonly, deferrable)
        if not session:
            return self._writes.open(kind)
        pool, note_write = self._require_session(), self._router.note_write
        return TransactionScope(pool, kind, retry_s=self._retry_s, note_write=note_write, keep=False)

    async def run(
        self,
        function: Callable[[Transaction], Awaitable[T]],
        *,
        isolation: Isolation | None = None,
        idempotent: bool = False,
    ) -> T:
        """Return what `await function(tx)` returns, run in a transaction of its own.

        Both are begun anew as a whole after a serialization failure, a deadlock, or a loss before COMMIT was sent; when
        the connection is lost during COMMIT, WriteUnknown is raised, unless it is `idempotent`.
        """
        return await self._writes.run_transaction(function, make_kind(isolation), idempotent=idempotent)

    def session(self) -> SessionScope:
        """Borrow a whole connection to the primary, for what outlives a transaction (SET, advisory locks)."""
        return SessionScope(self._require_session(), self._router.note_write)

    def listen(self, *channels: str) -> Listening:
        """Listen on channels: `async with db.listen("orders") as notifications: async for n in notifications`."""
        return Listening(self._require_session(), channels)

    def own_writes(self, token: str | None = None) -> AbstractContextManager[Scope]:
        """Let a scope, such as a request, see what it writes, also in the tasks it starts: `with db.own_writes()`.

        `token` brings the writes of an earlier scope: what its `await scope.token()` returned. Any other text counts as
        a write of this moment, so it may come from anybody.
        """
        return self._router.own_writes.scope(token)

    async def write_token(self) -> str | None:
        """Return what carries this context's last write to another process, or None when there is none to see."""
        return await self._router.own_writes.token()

    def stats(self) -> tuple[PoolStats, ...]:
        """Return the counts of every pool, the primary's first."""
        return tuple(pool.stats() for pool in self._pools())

    def replicas(self) -> tuple[ReplicaStats, ...]:
        """Return how each replica was last seen, and what it has served."""
        return self._router.replicas_stats()

    def _prepare(self) -> None:
        """Make what may not outlive an event loop."""
        pool = self._make_pool
        replicas = [pool(f"read_{number}", url) for number, url in enumerate(self._read_urls, 1)]
        self._router = self._make_router(pool("main", self._write_url), replicas)
        self._session = pool("session", self._session_url, prepared=True) if self._session_url else None
        self._analytics = pool("analytics", self._analytics_url) if self._analytics_url else None
        self._reports = Reads(Router(self._analytics, ()), self._retry_s, proves=False) if self._analytics else None
        self._reads, self._writes = Reads(self._router, self._retry_s), Writes(self._router, self._retry_s)

    def _require_session(self) -> Pool:
        if self._session is None:
            raise UsageError("this Database has no session endpoint", hint="pass session_url")
        return self._session

    def _pools(self) -> list[Pool]:
        extra = [pool for pool in (self._session, self._analytics) if pool is not None]
        return [self._router.primary, *self._router.replicas, *extra]
