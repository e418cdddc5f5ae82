"""A whole connection for `async with`, for what outlives one transaction."""

from types import TracebackType

from candlefish.client.postgres.pool import Connection, Pool
from candlefish.client.postgres.transaction import Transaction


class SessionScope:
    """Borrow a connection and close it afterwards, so that no setting, lock or LISTEN reaches the next borrower."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: Connection | None = None

    async def __aenter__(self) -> Transaction:
        self._connection = await self._pool.acquire()
        return Transaction(self._connection, self._pool)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        assert self._connection is not None
        self._pool.release(self._connection, clean=False)
