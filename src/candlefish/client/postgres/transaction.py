"""A transaction on one connection: begun, filled with statements, committed as a whole or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Literal, NamedTuple, Self, get_args

import asyncpg

from candlefish.client.fence import Invalidation, Written
from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.proof import fetch_written
from candlefish.client.postgres.retry import is_lost, nothing_changed, write_unknown
from candlefish.client.postgres.statement import ask
from candlefish.client.postgres.statements import Borrowed, Statements
from candlefish.errors import DatabaseError, StatementFailed, UsageError

Isolation = Literal["read_committed", "repeatable_read", "serializable"]

ROLLBACK_S = 5.0
"""How long a rollback may take until the connection is closed instead, which rolls back too."""

_ABORTED = "25P02"
"""What the server answers in a transaction of which an earlier statement has failed."""


class Kind(NamedTuple):
    """How a transaction is begun, and whether it can write."""

    begin: str
    readonly: bool


@cache
def make_kind(isolation: Isolation | None = None, readonly: bool = False, deferrable: bool = False) -> Kind:
    """Return the kind of transaction that has these properties; raise UsageError for an isolation that there is not."""
    if isolation is not None and isolation not in get_args(Isolation):
        known = ", ".join(get_args(Isolation))
        raise UsageError(f"isolation is {isolation!r}", hint=f"pass one of {known}, or None for the database's own")
    level = f" isolation level {isolation.replace('_', ' ')}" if isolation else ""
    return Kind(f"begin{level}{' read only' * readonly}{' deferrable' * deferrable}", readonly)


class Transaction(Statements):
    """Run statements inside one open transaction; whatever they raise, nothing was changed."""

    def __init__(self, borrowed: Borrowed) -> None:
        super().__init__(borrowed)
        self._savepoints = 0

    def invalidate(self, *invalidations: Invalidation) -> None:
        """Have something invalidated when this transaction commits; `Cache.invalidate` calls it."""
        self._borrowed.invalidations += invalidations

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[Self]:
        """Undo what the block has done when it raises; the transaction can go on from before it."""
        self._savepoints += 1
        name = f"savepoint_{self._savepoints}"
        await self.execute(f"savepoint {name}")
        try:
            yield self
        except Exception as error:
            if not (isinstance(error, DatabaseError) and is_lost(error)):
                await self.execute(f"rollback to savepoint {name}")
            raise
        await self.execute(f"release savepoint {name}")

    def _settle(self, error: DatabaseError) -> DatabaseError:
        if not (isinstance(error, StatementFailed) and error.sqlstate == _ABORTED):
            self._borrowed.failure = error
        return nothing_changed(error)


class Block:
    """What stands around the statements of a transaction."""

    def __init__(self, connection: Connection, pool: Pool, kind: Kind, note_write: Callable[[], None]) -> None:
        self._connection = connection
        self._pool = pool
        self._kind = kind
        self._note_write = _nothing if kind.readonly else note_write
        self._borrowed = Borrowed(connection, pool)

    async def begin(self) -> Transaction:
        """Begin; what it raises may be repeated on another connection."""
        try:
            await self._execute(self._kind.begin)
        except DatabaseError as error:
            raise nothing_changed(error) from error.__cause__
        return Transaction(self._borrowed)

    async def end(self, error: BaseException | None) -> bool:
        """Commit, or roll back because of `error`; return whether the connection can serve the next."""
        self._borrowed.connection = None
        if error is None:
            await self._commit()
            return True
        return isinstance(error, Exception) and await self._roll_back()

    async def _commit(self) -> None:
        invalidations = self._borrowed.invalidations
        written = await self._announce() if invalidations else None
        carried_out = False
        try:
            await self._commit_now()
            carried_out = True
        except DatabaseError as error:
            carried_out = error.carried_out is not False
            raise
        except asyncio.CancelledError:
            carried_out = True  # perhaps
            raise
        finally:
            confirming = [one.confirm(written) for one in invalidations if carried_out]
        if confirming:
            await asyncio.wait(confirming)

    async def _announce(self) -> Written | None:
        """Invalidate before the commit, so that whoever dies in between leaves nothing that is out of date."""
        try:
            written = await ask(self._pool, fetch_written, "", (), on=self._connection)
        except DatabaseError as error:
            if self._borrowed.failure is not None:
                return None  # the commit will tell that it was rolled back
            raise nothing_changed(error) from error.__cause__
        if written is not None:
            await asyncio.gather(*(one.announce(written) for one in self._borrowed.invalidations))
        return written

    async def _commit_now(self) -> None:
        try:
            tag = await self._execute("commit")
        except DatabaseError as error:
            if error.carried_out is not None or self._kind.readonly:
                raise nothing_changed(error) from error.__cause__
            self._note_write()
            raise write_unknown(error) from error
        except asyncio.CancelledError:
            self._note_write()
            raise
        if tag != "COMMIT":
            raise _rolled_back(self._borrowed.failure)
        self._note_write()

    async def _roll_back(self) -> bool:
        try:
            await self._execute("rollback", ROLLBACK_S)
        except DatabaseError:
            return False
        return True

    def _execute(self, sql: str, timeout_s: float | None = None) -> Awaitable[str]:
        return ask(self._pool, asyncpg.Connection.execute, sql, (), timeout_s, on=self._connection)


def _nothing() -> None:
    """Note no write of a transaction that can't write."""


def _rolled_back(failure: DatabaseError | None) -> StatementFailed:
    """Return what the server does not raise: it answers ROLLBACK to a commit after a failed statement."""
    return StatementFailed(
        "the transaction was rolled back, because a statement in it had failed",
        sqlstate=failure.sqlstate if isinstance(failure, StatementFailed) else _ABORTED,
        detail=failure.message if failure else "",
        hint="let the error leave the transaction, or undo the statement with a savepoint",
    )
