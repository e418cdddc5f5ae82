"""A read on a replica that must have replayed a certain write.

Between a sample and a read the endpoint may have got another server, or the server may have begun anew further back. So
the server itself is asked, in the transaction of the read: a pooler gives one server to a transaction. The question is
a statement of its own, before the read, because the snapshot of a statement is older than what its functions return; at
read committed the read then has a newer one.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import asyncpg

from candlefish.client.postgres.lsn import Position, format_lsn

T = TypeVar("T")

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

FIRST_TIMELINE = 1
"""Of a cluster that was never failed over: every server is on it."""


class ReplicaBehind(Exception):
    """The server has not replayed the write, or can't tell; nothing was read."""


async def run_fenced(
    connection: "Connection", call: "Callable[[Connection, str], Awaitable[T]]", sql: str, condition: str
) -> T:
    """Run a read where a condition holds; raise ReplicaBehind otherwise, and what the driver raises.

    No transaction is left open, unless the connection is lost or the caller is cancelled.
    """
    await _begin(connection, condition)
    try:
        result = await call(connection, sql)
    except asyncpg.PostgresError:
        await connection.execute("rollback")
        raise
    await connection.execute("commit")
    return result


async def _begin(connection: "Connection", condition: str) -> None:
    try:
        found = await connection.execute(question(condition))  # one round trip: the simple protocol
    except asyncpg.PostgresError as error:
        await connection.execute("rollback")
        raise ReplicaBehind from error
    if found != "SELECT 1":
        await connection.execute("rollback")
        raise ReplicaBehind


def question(condition: str) -> str:
    """Return the statements that begin the transaction, and find one row where the condition holds."""
    return f"begin isolation level read committed read only; select where {condition}"


def is_replica_with(fence: Position) -> str:
    """Return the condition that the server is a replica which has replayed up to `fence`.

    A server that is no replica does not count: it may be a former primary that does not know it yet.
    """
    return f"pg_is_in_recovery() and {has_replayed(fence)}"


def has_replayed(fence: Position) -> str:
    """Return the condition that a replica has replayed up to `fence`, on its timeline or a later one."""
    replayed = f"pg_last_wal_replay_lsn() >= '{format_lsn(fence.lsn)}'"
    if fence.timeline > FIRST_TIMELINE:
        replayed += (
            f" and ((select timeline_id from pg_control_checkpoint()) >= {fence.timeline}"
            f" or (select received_tli from pg_stat_get_wal_receiver()) >= {fence.timeline})"
        )
    return replayed
