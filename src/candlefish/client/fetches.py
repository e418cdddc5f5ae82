"""The three shapes in which rows are asked for: all of them, the first one, the first value."""

from collections.abc import Awaitable
from typing import Any, TypeVar, overload

import asyncpg

from candlefish.client.postgres.rows import convert_row, convert_rows, convert_value, converted
from candlefish.client.postgres.statement import Method
from candlefish.client.postgres.writing import is_write
from candlefish.client.reads import Reads
from candlefish.client.writes import Writes

T = TypeVar("T")


class Fetches:
    """Fetch with `Reads`; or with `Writes` what is sent to the primary, or writes by its text.

    What is not converted is the coroutine of `Reads` or `Writes` itself: each one more costs a hot statement 1 %.
    """

    _reads: Reads
    _writes: Writes

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
    def fetch(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return all rows, as `into` when given."""
        answer = self._ask(asyncpg.Connection.fetch, sql, args, primary, idempotent, timeout_s)
        return answer if into is None else converted(answer, convert_rows, into, carried_out=primary or is_write(sql))

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
    def fetchrow(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the first row, as `into` when given, or None."""
        answer = self._ask(asyncpg.Connection.fetchrow, sql, args, primary, idempotent, timeout_s)
        return answer if into is None else converted(answer, convert_row, into, carried_out=primary or is_write(sql))

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
    def fetchval(
        self, sql: str, *args: object, into: Any = None, primary: bool = False, idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the first column of the first row, as `into` when given, or None."""
        answer = self._ask(asyncpg.Connection.fetchval, sql, args, primary, idempotent, timeout_s)
        return answer if into is None else converted(answer, convert_value, into, carried_out=primary or is_write(sql))

    def _ask(
        self, method: Method[T], sql: str, args: tuple[object, ...], primary: bool, idempotent: bool,
        timeout_s: float | None,
    ) -> Awaitable[T]:  # fmt: skip
        if primary or is_write(sql):
            return self._writes.run(method, sql, args, timeout_s, idempotent)
        return self._reads.run(method, sql, args, timeout_s)
