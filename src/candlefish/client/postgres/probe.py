"""One server's place in the WAL, asked over a connection that stays open."""

import asyncio
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import asyncpg

from candlefish.client.postgres.exceptions import DRIVER_ERRORS
from candlefish.client.postgres.lsn import Position

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

ANSWER_S = 1.0
"""How long a server may take to answer; one that is stopped is noticed by this, as `candlefish follow` does."""

QUESTION = """
select recovering,
       case when recovering then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end - '0/0'::pg_lsn,
       case when recovering then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn,
       case when recovering
            then greatest((select timeline_id from pg_control_checkpoint()),
                          (select received_tli from pg_stat_get_wal_receiver()))
            else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end
from (select pg_is_in_recovery()) as server(recovering)
"""
"""A primary's own writes are before its insert position, even those with synchronous_commit off; what replicas can have
is before its flush position. A replica's timeline is that of what it receives, which only pg_read_all_stats lets a role
see, or that of its last restartpoint, which may be minutes old: both are never too high."""


class Sample(NamedTuple):
    """Where a server is: `flushed` is what replicas can have of a primary, and what a replica has replayed itself."""

    is_replica: bool
    position: Position
    flushed: int


class NoAnswer(Enum):
    """Why there is no sample."""

    REFUSED = "the server could not be reached, or ended the connection"
    SILENT = "the server said nothing in ANSWER_S"


Answer = Sample | NoAnswer


class Probe:
    """Ask one server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    async def ask(self) -> Answer:
        """Return where the server is, within twice ANSWER_S."""
        asked_at = monotonic()
        try:
            return await self._ask()
        except DRIVER_ERRORS:
            self.close()
            return NoAnswer.SILENT if monotonic() - asked_at >= ANSWER_S else NoAnswer.REFUSED

    def close(self) -> None:
        """Drop the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _ask(self) -> Sample:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=ANSWER_S, statement_cache_size=0)
        # A deadline of the driver's own would send a cancel request, which waits for a stopped server for ever.
        deadline = asyncio.get_running_loop().call_later(ANSWER_S, self._connection.terminate)
        try:
            row = await self._connection.fetchrow(QUESTION)
        finally:
            deadline.cancel()
        assert row is not None
        recovering, lsn, flushed, timeline = row
        return Sample(recovering, Position(timeline, int(lsn or 0)), int(flushed or 0))
