"""The three shapes in which rows are asked for: all of them, the first one, the first value."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

import asyncpg

from candlefish.client.postgres.rows import convert_row, convert_rows, convert_value
from candlefish.client.postgres.statement import Method
from candlefish.client.reads import Reads
from candlefish.client.writes import Writes
from candlefish.errors import RowMismatch

T = TypeVar("T")


class Fetches:
    """Fetch with `Reads`, or on the primary with `Writes`: what runs there may write."""

    def __init__(self, reads: Reads, writes: Writes) -> None:
        self._reads = reads
        self._writes = writes

    @overload
    async def fetch(
        self, sql: str, *args: object, into: None = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> list[asyncpg.Record]: ...  # fmt: skip
    @overload
    async def fetch(
        self, sql: str, *args: object, into: type[T], primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> list[T]: ...  # fmt: skip
    async def fetch(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return all rows, as `into` when given."""
        rows = await self._ask(asyncpg.Connection.fetch, sql, args, primary, idempotent, timeout_s)
        return rows if into is None else _converted(convert_rows, rows, into, primary)

    @overload
    async def fetchrow(
        self, sql: str, *args: object, into: None = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> asyncpg.Record | None: ...  # fmt: skip
    @overload
    async def fetchrow(
        self, sql: str, *args: object, into: type[T], primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> T | None: ...  # fmt: skip
    async def fetchrow(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the first row, as `into` when given, or None."""
        row = await self._ask(asyncpg.Connection.fetchrow, sql, args, primary, idempotent, timeout_s)
        return row if into is None else _converted(convert_row, row, into, primary)

    @overload
    async def fetchval(
        self, sql: str, *args: object, into: None = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any: ...  # fmt: skip
    @overload
    async def fetchval(
        self, sql: str, *args: object, into: type[T], primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> T | None: ...  # fmt: skip
    async def fetchval(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the first column of the first row, as `into` when given, or None."""
        value = await self._ask(asyncpg.Connection.fetchval, sql, args, primary, idempotent, timeout_s)
        return value if into is None else _converted(convert_value, value, into, primary)

    def _ask(
        self, method: Method[T], sql: str, args: tuple[object, ...], primary: bool, idempotent: bool,
        timeout_s: float | None,
    ) -> Awaitable[T]:  # fmt: skip
        if primary:
            return self._writes.run(method, sql, args, timeout_s, idempotent)
        return self._reads.run(method, sql, args, timeout_s)


def _converted(convert: Callable[[Any, Any], T], result: Any, into: Any, wrote: bool) -> T:
    try:
        return convert(result, into)
    except RowMismatch as error:
        error.carried_out = wrote
        raise
