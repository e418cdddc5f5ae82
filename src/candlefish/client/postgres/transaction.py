"""A transaction on one connection, and the statements inside it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Literal, TypeVar

import asyncpg
from asyncpg.transaction import Transaction as DriverTransaction

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, translate
from candlefish.client.postgres.pool import Connection, Pool
from candlefish.errors import Unavailable

T = TypeVar("T")
Isolation = Literal["read_committed", "repeatable_read", "serializable"]


class Transaction:
    """Run statements inside one open transaction (or on one borrowed connection)."""

    def __init__(self, connection: Connection, pool: Pool | None = None) -> None:
        self._connection = connection
        self._pool = pool

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return all rows."""
        return await self._run(lambda text: self._connection.fetch(text, *args), sql)

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return the first row, or None."""
        return await self._run(lambda text: self._connection.fetchrow(text, *args), sql)

    async def fetchval(self, sql: str, *args: object) -> Any:
        """Return the first column of the first row, or None."""
        return await self._run(lambda text: self._connection.fetchval(text, *args), sql)

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement and return its command tag, such as "UPDATE 3"."""
        return await self._run(lambda text: self._connection.execute(text, *args), sql)

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of arguments."""
        await self._run(lambda text: self._connection.executemany(text, rows), sql)

    async def _run(self, call: Callable[[str], Awaitable[T]], sql: str) -> T:
        try:
            return await call(sql + self._pool.plan_mark if self._pool else sql)
        except DRIVER_ERRORS as error:
            ours = translate(error)
            if self._pool and isinstance(ours, PlanOutdated):
                self._pool.outdate_plans()  # this transaction is lost, but the next one succeeds
            raise ours from error


class TransactionScope:
    """Borrow a connection for `async with`, commit at its end, roll back on any exception."""

    def __init__(self, pool: Pool, isolation: Isolation | None) -> None:
        self._pool = pool
        self._isolation = isolation
        self._connection: Connection | None = None
        self._transaction: DriverTransaction | None = None

    async def __aenter__(self) -> Transaction:
        connection = await self._pool.acquire()
        transaction = connection.transaction(isolation=self._isolation)
        try:
            await transaction.start()
        except BaseException as error:
            self._pool.release(connection, clean=False)
            if isinstance(error, DRIVER_ERRORS):
                raise translate(error) from error
            raise
        self._connection, self._transaction = connection, transaction
        return Transaction(connection, self._pool)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        assert self._connection is not None
        assert self._transaction is not None
        clean = False
        try:
            if error is None:
                await self._transaction.commit()
                clean = True
            elif isinstance(error, Exception) and not isinstance(error, Unavailable):
                await self._transaction.rollback()
                clean = True
        except DRIVER_ERRORS as failure:
            if error is None:
                raise translate(failure) from failure
        finally:
            self._pool.release(self._connection, clean=clean)
