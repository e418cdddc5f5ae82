"""COPY: records into a table, and the rows of a query out of the database."""

import asyncio
import inspect
import os
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Literal, TypeAlias, TypeVar

from candlefish.client.postgres.connector import Connection
from candlefish.errors import StatementFailed

T = TypeVar("T")
Records: TypeAlias = Iterable[Sequence[object]] | AsyncIterable[Sequence[object]]
Output: TypeAlias = str | os.PathLike[str] | IO[bytes] | Callable[[bytes], Awaitable[None] | None]
Format = Literal["csv", "text", "binary"]

_UNFIT = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError)
"""What the driver's encoders raise for a value that is no column's."""


class _ApplicationFailed(Exception):
    """What the application's own code raised while the driver ran it, kept apart from what the driver raises."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Copy:
    @contextmanager
    def failures_raised(self) -> Iterator[None]:
        """Raise what the application's own code raised, as it was."""
        try:
            yield
        except _ApplicationFailed as failed:
            raise failed.error from None


class CopyIn(_Copy):
    """Records on their way into a table; those of an iterator can be given once."""

    def __init__(self, table: str, records: Records, columns: Sequence[str] | None, schema: str | None) -> None:
        self._table = table
        self._records = records
        self._columns = columns
        self._schema = schema
        self._begun = False

    def may_repeat(self) -> bool:
        """Tell whether the records can all be given (again)."""
        return not self._begun or isinstance(self._records, Collection)

    async def run(self, connection: Connection, _: str, *, timeout: float | None) -> int:  # noqa: ASYNC109 - the driver's name for it
        """Copy, and return how many records there were."""
        records = self._records
        given = self._give_async(records) if isinstance(records, AsyncIterable) else self._give(records)
        try:
            tag = await connection.copy_records_to_table(
                self._table, records=given, columns=self._columns, schema_name=self._schema, timeout=timeout
            )
        except _UNFIT as error:
            raise StatementFailed(
                f"a record does not fit the table {self._table}: {error}", sqlstate="22000"
            ) from error
        return int(tag.split()[-1])

    def _give(self, records: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        self._begun = True
        try:
            yield from records
        except Exception as error:
            raise _ApplicationFailed(error) from error

    async def _give_async(self, records: AsyncIterable[Sequence[object]]) -> AsyncIterator[Sequence[object]]:
        self._begun = True
        try:
            async for record in records:
                yield record
        except Exception as error:
            raise _ApplicationFailed(error) from error


class CopyOut(_Copy):
    """The rows of a query on their way to a file or a function; a path is written anew by each try."""

    def __init__(self, output: Output, **options: Any) -> None:
        self._output = output
        self._options = options
        self._begun = False

    def may_repeat(self) -> bool:
        """Tell whether the output can take the rows from the first one on (again)."""
        return not self._begun or isinstance(self._output, (str, os.PathLike))

    async def run(self, connection: Connection, sql: str, *args: object, timeout: float | None) -> int:  # noqa: ASYNC109 - the driver's name for it
        """Copy, and return how many rows there were."""
        output = self._output
        if not isinstance(output, (str, os.PathLike)):
            return await self._copy(connection, sql, args, output, timeout)
        file = await _own(asyncio.to_thread(open, output, "wb"))
        try:
            return await self._copy(connection, sql, args, file, timeout)
        finally:
            await _own(asyncio.to_thread(file.close))

    async def _copy(
        self, connection: Connection, sql: str, args: tuple[object, ...], output: Any, timeout_s: float | None
    ) -> int:
        async def take(data: bytes) -> None:
            self._begun = True
            await _own(_write(output, data))

        tag = await connection.copy_from_query(sql, *args, output=take, timeout=timeout_s, **self._options)
        return int(tag.split()[-1])


async def _write(output: Any, data: bytes) -> None:
    if hasattr(output, "write"):
        await asyncio.to_thread(output.write, data)
        return
    taken = output(data)
    if inspect.isawaitable(taken):
        await taken


async def _own(work: Awaitable[T]) -> T:
    try:
        return await work
    except Exception as error:
        raise _ApplicationFailed(error) from error
