"""The statements that one connection takes, inside a transaction or a session."""

from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import asyncpg

from candlefish.client.fence import Invalidation, Load, current_load
from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.copy import CopyIn, Records
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.proof import HAS_NOT_WRITTEN, prove_on_primary
from candlefish.client.postgres.rows import convert_row, convert_rows, convert_value, converted
from candlefish.client.postgres.statement import Method, ask
from candlefish.errors import DatabaseError, UsageError

T = TypeVar("T")


@dataclass(slots=True)
class Borrowed:
    """A connection on loan: None when it was given back; `failure` is why its transaction can't be committed, if so.

    `proved` is the load of the cache that has asked already what this connection sees.
    """

    connection: Connection | None
    pool: Pool
    failure: DatabaseError | None = None
    proved: Load | None = None
    invalidations: tuple[Invalidation, ...] = ()


class Statements:
    """Run statements one after the other on a connection that somebody else borrowed and gives back."""

    def __init__(self, borrowed: Borrowed) -> None:
        self._borrowed = borrowed

    @overload
    async def fetch(
        self, sql: str, *args: object, into: None = None, timeout_s: float | None = None
    ) -> list[asyncpg.Record]: ...
    @overload
    async def fetch(self, sql: str, *args: object, into: type[T], timeout_s: float | None = None) -> list[T]: ...
    def fetch(self, sql: str, *args: object, into: Any = None, timeout_s: float | None = None) -> Any:
        """Return all rows."""
        answer = self._run(asyncpg.Connection.fetch, sql, args, timeout_s)
        return answer if into is None else converted(answer, convert_rows, into)

    @overload
    async def fetchrow(
        self, sql: str, *args: object, into: None = None, timeout_s: float | None = None
    ) -> asyncpg.Record | None: ...
    @overload
    async def fetchrow(self, sql: str, *args: object, into: type[T], timeout_s: float | None = None) -> T | None: ...
    def fetchrow(self, sql: str, *args: object, into: Any = None, timeout_s: float | None = None) -> Any:
        """Return the first row, or None."""
        answer = self._run(asyncpg.Connection.fetchrow, sql, args, timeout_s)
        return answer if into is None else converted(answer, convert_row, into)

    @overload
    async def fetchval(self, sql: str, *args: object, into: None = None, timeout_s: float | None = None) -> Any: ...
    @overload
    async def fetchval(self, sql: str, *args: object, into: type[T], timeout_s: float | None = None) -> T | None: ...
    def fetchval(self, sql: str, *args: object, into: Any = None, timeout_s: float | None = None) -> Any:
        """Return the first column of the first row, or None."""
        answer = self._run(asyncpg.Connection.fetchval, sql, args, timeout_s)
        return answer if into is None else converted(answer, convert_value, into)

    def execute(self, sql: str, *args: object, timeout_s: float | None = None) -> Coroutine[Any, Any, str]:
        """Run a statement and return its command tag, such as "UPDATE 3"."""
        return self._run(asyncpg.Connection.execute, sql, args, timeout_s)

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]], *, timeout_s: float | None = None) -> None:
        """Run a statement once for each row of arguments, all of them or none."""
        kept = rows if isinstance(rows, Sequence) else list(rows)  # what they raise is not the driver's
        await self._run(asyncpg.Connection.executemany, sql, (kept,), timeout_s)

    async def copy(
        self,
        table: str,
        records: Records,
        *,
        columns: Sequence[str] | None = None,
        schema: str | None = None,
        timeout_s: float | None = None,
    ) -> int:
        """Write records into a table with COPY, all of them or none, and return how many there were."""
        source = CopyIn(table, records, columns, schema)
        with source.failures_raised():
            return await self._run(source.run, "", (), timeout_s or self._borrowed.pool.deadlines.timeout_s)

    async def _run(self, method: Method[T], sql: str, args: tuple[Any, ...], timeout_s: float | None) -> T:
        connection = self._borrowed.connection
        if connection is None:
            raise UsageError("this transaction or session is over", hint="use it inside its `async with` only")
        try:
            load = current_load()
            if load is not None and load is not self._borrowed.proved:
                await ask(self._borrowed.pool, prove, "", (load,), timeout_s, on=connection)
                self._borrowed.proved = load
            return await ask(self._borrowed.pool, method, sql, args, timeout_s, on=connection)
        except DatabaseError as error:
            raise self._settle(error) from error.__cause__

    def _settle(self, error: DatabaseError) -> DatabaseError:
        """Return what a caller is told: what became of a statement depends on what surrounds it."""
        return error


async def prove(connection: Connection, _: str, load: Load, *, timeout: float | None) -> None:  # noqa: ASYNC109 - the driver's name for it
    """Note in a load whether the later statements of a connection see what it has to see."""
    await prove_on_primary(connection, load, HAS_NOT_WRITTEN)
