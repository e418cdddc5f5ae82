"""What may be repeated after which error, and when the next try begins."""

import asyncio
from random import uniform
from time import monotonic

from candlefish.client.postgres.exceptions import READ_ONLY, PlanOutdated, PoolerBusy
from candlefish.errors import DatabaseError, StatementFailed, Unavailable, WriteUnknown

FIRST_PAUSE_S = 0.02
"""Before the second try: about ten round trips; a reset connection is mostly replaced at once."""

LONGEST_PAUSE_S = 0.5
"""Between tries when a failover takes seconds: the new primary is found within half a second."""

CONFLICTS = frozenset({"40001", "40P01"})
"""A serialization failure and a deadlock: the server has rolled back, and another try may succeed."""


class Retry:
    """The tries of one call, with growing pauses of random length between them.

    They end `retry_s` after the first failure, or `timeout_s` if that is less.
    """

    def __init__(self, retry_s: float, timeout_s: float | None = None) -> None:
        self._until = monotonic() + (retry_s if timeout_s is None else min(retry_s, timeout_s))
        self._pause_s = FIRST_PAUSE_S

    async def pause(self, error: DatabaseError) -> None:
        """Wait before the next try, or raise `error` when the time for tries is over."""
        left_s = self._until - monotonic()
        if left_s <= 0:
            raise error
        await asyncio.sleep(min(left_s, uniform(self._pause_s / 2, self._pause_s)))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)


def certainly_undone(error: DatabaseError) -> bool:
    """Tell whether nothing was changed and the same statement may well succeed a moment later."""
    if isinstance(error, StatementFailed):
        passing = error.sqlstate in CONFLICTS or error.sqlstate == READ_ONLY or isinstance(error, PlanOutdated)
        return passing and error.carried_out is False
    return is_lost(error) and error.carried_out is False


def is_lost(error: DatabaseError) -> bool:
    """Tell whether the connection was lost (or never had), whatever became of the statement."""
    return isinstance(error, (Unavailable, PoolerBusy))


def nothing_changed(error: DatabaseError) -> DatabaseError:
    """Say of an error that nothing was changed, for a read or a transaction that was not committed."""
    if error.carried_out is not False:
        error.carried_out = False
        error.detail = ""
    return error


def write_unknown(error: DatabaseError) -> WriteUnknown:
    """Return what a caller is told when a write was under way and nobody can say what became of it."""
    if isinstance(error, WriteUnknown):
        return error
    unknown = WriteUnknown(
        "a write was under way when its answer was lost; it may have been carried out",
        detail=error.message,
        hint="look on the primary whether it is there, or pass idempotent=True where twice does no harm",
    )
    unknown.__cause__ = error
    return unknown
