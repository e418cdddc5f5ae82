"""What the primary says of its transactions at one moment: who has ended, and where its WAL is."""

import asyncio
from dataclasses import dataclass
from typing import Final

import psycopg

from candlefish.changes.source import CONNECT_S, Source
from candlefish.client.fence import Snapshot, Writer
from candlefish.client.postgres.proof import LSN, SYSTEM, TIMELINE
from candlefish.errors import EngineError

ANSWER_S: Final = 2.0
"""Seconds after which a primary that does not answer counts as gone: it answers within a millisecond (measured)."""

_XIDS: Final = 1 << 32
"""Transaction ids of one epoch: the stream sends an id without its epoch."""

_QUESTION: Final = (
    f"select {SYSTEM}::text, {TIMELINE}, {LSN}, pg_current_snapshot()::text where not pg_is_in_recovery()"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot of the primary; what had ended in it had its commit at or before `lsn`."""

    system: str
    timeline: int
    lsn: int
    snapshot: Snapshot

    def has_ended(self, writer: Writer) -> bool:
        """Tell whether a transaction had ended: everybody sees then what it did."""
        if writer.timeline != self.timeline:
            return writer.timeline < self.timeline
        xmin, xmax, running = self.snapshot
        return writer.xid < xmin or (writer.xid < xmax and writer.xid not in running)

    def name_writer(self, xid: int, timeline: int) -> Writer:
        """Return a transaction of the stream by its full id: of all epochs the one that is nearest to the present."""
        newest = self.snapshot.xmax
        full = newest - newest % _XIDS + xid
        if full > newest + _XIDS // 2:
            full -= _XIDS
        elif full < newest - _XIDS // 2:
            full += _XIDS
        return Writer(timeline or self.timeline, full)

    def on(self, timeline: int) -> "Moment":
        """Return what this moment says of a timeline: nothing has ended there that it could know, if it is another."""
        return self if timeline == self.timeline else Moment(self.system, timeline, 0, Snapshot(0, 0, ()))


class Moments:
    """Ask the primary, over one connection that is made again when it is lost."""

    def __init__(self, source: Source) -> None:
        self.last: Moment | None = None
        self._source = source
        self._connection: psycopg.AsyncConnection[tuple[str, int, str, str]] | None = None

    async def fetch(self) -> Moment:
        """Return the present moment; raise EngineError when the primary does not answer."""
        try:
            async with asyncio.timeout(CONNECT_S + ANSWER_S if self._connection is None else ANSWER_S):
                self.last = await self._ask()
        except (psycopg.Error, TimeoutError) as error:
            await self.close()
            raise EngineError("the primary did not say who has ended", detail=str(error).strip()) from error
        return self.last

    async def close(self) -> None:
        """Give the connection up: the next question finds the primary anew."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _ask(self) -> Moment:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection[tuple[str, int, str, str]].connect(
                self._source.conninfo, autocommit=True, connect_timeout=CONNECT_S, target_session_attrs="read-write",
                application_name="candlefish-changes",
            )  # fmt: skip
        row = await (await self._connection.execute(_QUESTION)).fetchone()
        if row is None:
            raise psycopg.OperationalError("the server is no primary any more")
        system, timeline, lsn, snapshot = row
        xmin, xmax, running = snapshot.split(":")
        return Moment(
            system, timeline, int(lsn),
            Snapshot(int(xmin), int(xmax), tuple(int(one) for one in running.split(",") if one)),
        )  # fmt: skip
