"""`async with` around a transaction: a connection is borrowed for it, and given back."""

from collections.abc import Callable
from types import TracebackType

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.retry import Retry, is_lost
from candlefish.client.postgres.transaction import Block, Kind, Transaction
from candlefish.errors import DatabaseError, StatementFailed


class TransactionScope:
    """Begin a transaction, commit it at the end, roll it back on any exception.

    A begin that meets no server is repeated for `retry_s`. `keep` False: the connection is closed afterwards.
    """

    def __init__(
        self, pool: Pool, kind: Kind, *, retry_s: float, note_write: Callable[[], None], keep: bool = True
    ) -> None:
        self._pool = pool
        self._kind = kind
        self._retry_s = retry_s
        self._note_write = note_write
        self._keep = keep
        self._connection: Connection | None = None
        self._block: Block | None = None

    async def __aenter__(self) -> Transaction:
        retry: Retry | None = None
        while True:
            try:
                return await self._begin()
            except DatabaseError as error:
                if self._pool.closed or not is_lost(error):
                    raise
                retry = retry or Retry(self._retry_s)
                self._pool.retries += 1
                await retry.pause(error)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        assert self._connection is not None
        assert self._block is not None
        clean = False
        try:
            clean = await self._block.end(error)
        except StatementFailed:
            clean = True
            raise
        finally:
            self._pool.release(self._connection, clean=clean and self._keep)

    async def _begin(self) -> Transaction:
        pool = self._pool
        self._connection = connection = pool.take() or await pool.acquire()
        self._block = Block(connection, pool, self._kind, self._note_write)
        begun = False
        try:
            transaction = await self._block.begin()
            begun = True
            return transaction
        finally:
            if not begun:
                pool.release(connection, clean=False)
