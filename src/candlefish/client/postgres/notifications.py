"""LISTEN that survives the loss of its connection."""

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.exceptions import DRIVER_ERRORS, READ_ONLY, translate
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.retry import Retry, is_lost, nothing_changed
from candlefish.errors import AcquireTimeout, DatabaseError, StatementFailed

SILENCE_S = 10.0
"""After so long without a notification the connection is asked whether it is still there."""

ANSWER_S = 5.0
"""How long the connection may take to answer that, and the server to take a LISTEN."""

KEPT = 10_000
"""Notifications that are kept for a reader who is slow; after that, some are missed."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What was notified on a channel; `payload` None: something may have been missed on it."""

    channel: str
    payload: str | None


class Listening:
    """Listen on channels inside `async with`; iterate to get what arrives.

    A lost connection is replaced, for ever and with pauses. After that (and after more than KEPT that nobody took) each
    channel gives one Notification without a payload: read again whatever the notifications tell about.
    """

    def __init__(self, pool: Pool, channels: Sequence[str]) -> None:
        self._pool = pool
        self._channels = channels
        self._connection: Connection | None = None
        self._kept: deque[Notification] = deque()
        self._missed = False
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._connection = await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._give_back()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification:
        while True:
            if self._kept:
                return self._kept.popleft()
            if self._missed:
                self._missed = False
                self._kept.extend(Notification(channel, None) for channel in self._channels)
            elif self._connection is None or self._connection.is_closed():
                await self._replace()
            else:
                await self._wait(self._connection)

    async def _wait(self, connection: Connection) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(SILENCE_S):
                await self._news.wait()
        except TimeoutError:
            try:
                await connection.execute("select", timeout=ANSWER_S)
            except DRIVER_ERRORS:
                self._give_back()

    async def _replace(self) -> None:
        self._give_back()
        retry = Retry(math.inf)
        while self._connection is None:
            try:
                self._connection = await self._listen()
            except DatabaseError as error:
                if self._pool.closed or not _passes(error):
                    raise
                await retry.pause(error)
        self._missed = True

    async def _listen(self) -> Connection:
        connection = await self._pool.acquire()
        listening = False
        try:
            connection.add_termination_listener(self._end)
            async with asyncio.timeout(ANSWER_S):
                for channel in self._channels:
                    await connection.add_listener(channel, self._take)
            listening = True
            return connection
        except DRIVER_ERRORS as error:
            raise nothing_changed(translate(error)) from error
        finally:
            if not listening:
                self._pool.release(connection, clean=False)

    def _give_back(self) -> None:
        if self._connection is not None:
            self._pool.release(self._connection, clean=False)
            self._connection = None

    def _take(self, connection: Any, pid: int, channel: str, payload: object) -> None:
        if len(self._kept) < KEPT:
            self._kept.append(Notification(channel, str(payload)))
        else:
            self._missed = True
        self._news.set()

    def _end(self, connection: Any) -> None:
        self._news.set()


def _passes(error: DatabaseError) -> bool:
    """Tell whether a server may take the LISTEN later: one that is away, or not yet the primary."""
    demoted = isinstance(error, StatementFailed) and error.sqlstate == READ_ONLY
    return demoted or is_lost(error) or isinstance(error, AcquireTimeout)
