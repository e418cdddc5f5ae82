"""A whole connection for `async with`, for what outlives one transaction."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.retry import write_unknown
from candlefish.client.postgres.statement import Method
from candlefish.client.postgres.statements import Borrowed, Statements
from candlefish.client.postgres.transaction import Block, Isolation, Transaction, make_kind
from candlefish.errors import DatabaseError

T = TypeVar("T")


class Session(Statements):
    """Run statements on one connection, each in a transaction of its own unless `transaction()` surrounds them."""

    def __init__(self, connection: Connection, pool: Pool, borrowed: Borrowed, note_write: Callable[[], None]) -> None:
        super().__init__(borrowed)
        self._connection = connection
        self._pool = pool
        self._note_write = note_write

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation | None = None, readonly: bool = False, deferrable: bool = False
    ) -> AsyncIterator[Transaction]:
        """Open a transaction on this connection; commit at the end, roll back on any exception."""
        block = Block(self._connection, self._pool, make_kind(isolation, readonly, deferrable), self._note_write)
        transaction = await block.begin()
        try:
            yield transaction
        except BaseException as error:
            await block.end(error)
            raise
        await block.end(None)

    async def _run(self, method: Method[T], sql: str, args: tuple[Any, ...], timeout_s: float | None) -> T:
        result = await super()._run(method, sql, args, timeout_s)
        self._note_write()
        return result

    def _settle(self, error: DatabaseError) -> DatabaseError:
        if error.carried_out is not None:
            return error
        self._note_write()
        return write_unknown(error)


class SessionScope:
    """Borrow a connection and close it afterwards, so that no setting, lock or LISTEN reaches the next borrower."""

    def __init__(self, pool: Pool, note_write: Callable[[], None]) -> None:
        self._pool = pool
        self._note_write = note_write
        self._connection: Connection | None = None
        self._borrowed = Borrowed(None, pool)

    async def __aenter__(self) -> Session:
        self._connection = self._borrowed.connection = await self._pool.acquire()
        return Session(self._connection, self._pool, self._borrowed, self._note_write)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        assert self._connection is not None
        self._borrowed.connection = None
        self._pool.release(self._connection, clean=False)
