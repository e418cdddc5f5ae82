"""The stream of committed transactions: it reconnects, starts where the last confirmation was, and tells of gaps.

async for batch in stream.batches():
    if isinstance(batch, Gap):
        ...                                 # drop everything; asking for the next batch closes the gap
    else:
        ...                                 # a tuple of Changes, in the order of their commits
        stream.confirm(batch[-1].end_lsn)   # the next batch comes once all of this one are confirmed
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Final

from candlefish.changes.assembler import Assembler
from candlefish.changes.change import Change, Gap
from candlefish.changes.gap import close_gap, fetch_gap, note_gap
from candlefish.changes.replication import Replication
from candlefish.changes.slot import fetch_confirmed, prepare
from candlefish.changes.source import Source, connect, fetch_bases
from candlefish.changes.stale import MAX_NAMES
from candlefish.client.rules import Rule
from candlefish.errors import EngineError, PublicationUnknown

FEEDBACK_S: Final = 1.0
"""Seconds between two confirmations: well below the 10 s after which the tier's servers drop a silent reader."""

PROMPT_S: Final = 0.1
"""Seconds between two confirmations while changes come: what a killed reader has dealt with since comes again."""

SILENCE_S: Final = 10.0
"""Seconds without an answer to them after which the server is taken for dead: as wal_sender_timeout on its side."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0
"""Seconds before the first new attempt to connect, and at the most: it doubles from one to the next."""

BATCH_ROWS: Final = 5_000
"""Rows after which a batch is given out although more has arrived: about a tenth of a second of reading."""

BREATH_ROWS: Final = 200
"""Messages between two turns of the event loop, some milliseconds."""

Batch = tuple[Change, ...] | Gap

log = logging.getLogger("changes")


class ChangeStream:
    """Read a slot from where its confirmations ended.

    `since` is the last position that this reader's predecessor confirmed, where that is known: a slot that is beyond it
    was moved by somebody else, which is told as a gap. `restarts` counts connections that were lost.
    """

    def __init__(
        self, source: Source, rules: Sequence[Rule], *, since: int | None = None, most_names: int = MAX_NAMES
    ) -> None:
        self.source = source
        self.rules = tuple(rules)
        self.restarts = 0
        self.confirmed_lsn = since or 0
        self._most_names = most_names
        self._known_lsn = since
        self._renew = False
        self._replication: Replication | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._outstanding: list[int] = []
        self._settled = asyncio.Event()
        self._settled.set()

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Yield what is committed, until it is closed; raise CheckFailed when the rules do not fit the database."""
        wait_s = FIRST_WAIT_S
        try:
            while True:
                try:
                    if gap := await self._open():
                        yield Gap(gap)
                        await asyncio.to_thread(close_gap, self.source)
                    while True:
                        batch = await self._receive()
                        wait_s = FIRST_WAIT_S
                        yield batch
                        await self._settled.wait()
                except EngineError as error:
                    log.warning("%s", error)
                    self._renew = isinstance(error, PublicationUnknown)
                    self.restarts += 1
                await self._close()
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        finally:
            await self._close()

    @property
    def timeline(self) -> int:
        """Return the timeline of the server that is read; 0 while none is."""
        return 0 if self._replication is None else self._replication.timeline

    @property
    def known_lsn(self) -> int:
        """Return the position before which nothing is missing; the slot is not confirmed beyond it."""
        return self._known_lsn or 0

    @property
    def lag_bytes(self) -> int:
        """Return how much WAL the server has named beyond what is known to be dealt with; 0 while nothing is read."""
        return 0 if self._replication is None else max(0, self._replication.wal_end - self.known_lsn)

    def confirm(self, end_lsn: int) -> None:
        """Note that all transactions up to this one have been dealt with: they are not delivered again.

        One that was delivered before the connection was lost is delivered again, so its confirmation is left out.
        """
        if end_lsn not in self._outstanding or self._replication is None:
            return
        self._replication.confirm(end_lsn)
        if time.monotonic() - self._replication.told_at > PROMPT_S:
            with suppress(EngineError):  # a lost connection is noticed by whoever reads
                self._replication.feed_back()
        self.confirmed_lsn = self._known_lsn = max(end_lsn, self._known_lsn or 0)
        self._outstanding = [lsn for lsn in self._outstanding if lsn > end_lsn]
        if not self._outstanding:
            self._settled.set()

    async def _open(self) -> str:
        """Prepare, connect and start to read; return why changes were missed, "" if none were."""
        await asyncio.to_thread(prepare, self.source, self.rules, self._renew)
        self._replication = await asyncio.to_thread(Replication, self.source)
        gap, bases = await asyncio.to_thread(self._look)
        self._renew = False
        self._assembler = Assembler(self.rules, bases, self._most_names, timeline=self._replication.timeline)
        self._feeding = asyncio.create_task(_feed_back(self._replication))
        return gap

    def _look(self) -> tuple[str, dict[int, int]]:
        """Return the gap that is open, and the domains' types; the slot is ours now, so nobody else moves it."""
        with connect(self.source) as connection:
            confirmed = fetch_confirmed(connection, self.source)
            gap = fetch_gap(connection, self.source)
            if not gap and self._known_lsn is not None and confirmed > self._known_lsn:
                gap = f"the slot {self.source.slot} was moved beyond what had been read"
                note_gap(connection, self.source, gap)
            self._known_lsn = confirmed
            return gap, fetch_bases(connection)

    async def _receive(self) -> tuple[Change, ...]:
        """Return the transactions that have arrived; wait for the first."""
        replication, changes, messages = self._require(), list[Change](), 0
        replication.heard_at = time.monotonic()
        while True:
            payload = replication.read()
            if payload is None:
                if changes:
                    break
                self._known_lsn = max(self._known_lsn or 0, replication.wal_end)  # psycopg2 may confirm that
                await _wait_readable(replication)
                continue
            messages += 1
            if change := self._assembler.feed(payload):
                changes.append(change)
            if changes and (messages >= BATCH_ROWS or replication.may_forward):
                break
            if messages % BREATH_ROWS == 0:
                await asyncio.sleep(0)
        self._outstanding = [change.end_lsn for change in changes]
        self._settled.clear()
        return tuple(changes)

    def _require(self) -> Replication:
        if self._replication is None:
            raise EngineError("the stream of changes is not open")
        return self._replication

    async def _close(self) -> None:
        if self._feeding is not None:
            self._feeding.cancel()
            with suppress(asyncio.CancelledError):
                await self._feeding
            self._feeding = None
        if self._replication is not None:
            self._replication.close()
            self._replication = None
        self._outstanding = []
        self._settled.set()


async def _feed_back(replication: Replication) -> None:
    """Tell the server each second what has been confirmed; a lost connection is noticed by whoever reads."""
    with suppress(EngineError):
        while True:
            await asyncio.sleep(FEEDBACK_S)
            replication.feed_back()


async def _wait_readable(replication: Replication) -> None:
    """Wait until something has arrived, a second at most; raise EngineError when the server is silent for too long."""
    if time.monotonic() - replication.heard_at > SILENCE_S:
        raise EngineError(f"the stream of the slot {replication.source.slot} has been silent for {SILENCE_S:.0f} s")
    loop, arrived, fd = asyncio.get_running_loop(), asyncio.Event(), replication.fileno()
    loop.add_reader(fd, arrived.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(FEEDBACK_S):  # wait_for of Python 3.11 loses a cancellation in the same turn
                await arrived.wait()
    finally:
        loop.remove_reader(fd)
