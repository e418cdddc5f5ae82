"""What each PostgreSQL node says of itself, asked over a connection that stays open."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from candlefish.engines.databases import MONITOR
from candlefish.plan.model import PostgresNode

ANSWER_S = 1.0
"""Seconds after which a node that does not answer counts as gone; a paused one is noticed by this."""

_QUESTION = """
select pg_is_in_recovery(),
       case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0') else pg_current_wal_lsn() end
           - '0/0'::pg_lsn,
       case when pg_is_in_recovery() then 0
            else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end
"""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node at one moment; `lsn` is the written position of a primary, the replayed one of a replica."""

    name: str
    answers: bool
    is_replica: bool = False
    lsn: int = 0
    timeline: int = 0


@dataclass(slots=True)
class Observer:
    """Asks one node again and again."""

    node: PostgresNode
    password: str
    _connection: "psycopg.AsyncConnection[tuple[object, ...]] | None" = None

    async def look(self) -> NodeView:
        """Return what the node says now; one that can't be asked within a second does not answer."""
        try:
            return await asyncio.wait_for(self._ask(), ANSWER_S)
        except (psycopg.Error, TimeoutError, OSError):
            await self.close()
            return NodeView(self.node.name, answers=False)

    async def _ask(self) -> NodeView:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                host=self.node.host, port=self.node.port, user=MONITOR, password=self.password, dbname="postgres",
                autocommit=True, connect_timeout=2, application_name="candlefish follow",
            )  # fmt: skip
        row = await (await self._connection.execute(_QUESTION)).fetchone()
        assert row is not None
        return NodeView(self.node.name, True, bool(row[0]), int(str(row[1])), int(str(row[2])))

    async def close(self) -> None:
        """Drop the connection; the next look opens another."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None


@dataclass(slots=True)
class LagClock:
    """Turns positions into seconds: a replica lags since the first moment at which the primary was ahead of it.

    Right on an idle primary too, where the age of the last replayed transaction only grows.
    """

    keep_s: float = 600.0
    _history: "deque[tuple[float, int]]" = field(default_factory=deque)

    def note(self, now: float, primary_lsn: int) -> None:
        """Remember where the primary was."""
        if not self._history or primary_lsn > self._history[-1][1]:
            self._history.append((now, primary_lsn))
        elif primary_lsn < self._history[-1][1]:  # another primary: its positions start a new history
            self._history.clear()
            self._history.append((now, primary_lsn))
        while self._history and self._history[0][0] < now - self.keep_s:
            self._history.popleft()

    def lag_s(self, now: float, replayed_lsn: int) -> float:
        """Return the seconds that a replica is behind; 0 when it has replayed all that was seen."""
        for at, lsn in self._history:
            if lsn > replayed_lsn:
                return now - at
        return 0.0


def choose_primary(views: Sequence[NodeView], current: str) -> str:
    """Return who takes writes: of those not in recovery, who has the highest timeline; else who had it.

    Two may say so for a moment: a primary cut off from etcd, and the one that was promoted after it.
    """
    primaries = [view for view in views if view.answers and not view.is_replica]
    if not primaries:
        return current
    return max(primaries, key=lambda view: (view.timeline, view.name == current)).name


def choose_rotation(
    views: Sequence[NodeView], primary: str, lag_s: dict[str, float], current: Sequence[str], limit_s: float
) -> tuple[str, ...]:
    """Return the replicas that serve reads: alive, and behind by no more than the limit.

    One that left comes back at half the limit, so that it does not go in and out with every poll.
    """
    chosen = []
    for view in views:
        limit = limit_s if view.name in current else limit_s / 2
        if view.answers and view.is_replica and view.name != primary and lag_s.get(view.name, 0.0) <= limit:
            chosen.append(view.name)
    return tuple(chosen)
