"""One replication connection: blocking to open, then read without waiting. psycopg2's errors stop here."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, cast

import psycopg2
from psycopg2.extras import LogicalReplicationConnection, ReplicationCursor

from candlefish.changes.source import CONNECT_S, Source
from candlefish.changes.values import SESSION
from candlefish.errors import EngineError, PublicationUnknown

NO_LIMIT_S: Final = 3600
"""Seconds after which psycopg2 would send feedback of its own accord: the stream does so each second."""

_UNDEFINED_OBJECT: Final = "42704"


class Replication:
    """Read a slot's messages and tell the server what has been confirmed."""

    def __init__(self, source: Source) -> None:
        """Connect and start at the slot's position; raise EngineError if that can't be."""
        self.source = source
        self.confirmed_lsn = 0
        self.told_at = 0.0
        self._data_start = 0
        self.heard_at = time.monotonic()
        with _errors_of(source):
            self._connection = psycopg2.connect(
                source.conninfo, connection_factory=LogicalReplicationConnection, connect_timeout=CONNECT_S,
                target_session_attrs="read-write", application_name="candlefish-changes", client_encoding="UTF8",
                options=f"{SESSION} -c statement_timeout=0",
            )  # fmt: skip
            try:
                self._cursor: ReplicationCursor = self._connection.cursor()
                self.timeline = self._fetch_timeline()
                self._feed_back: Callable[..., None] = self._cursor.send_feedback
                self._start()
            except psycopg2.Error:
                self._connection.close()
                raise

    def _fetch_timeline(self) -> int:
        self._cursor.execute("IDENTIFY_SYSTEM")
        row = self._cursor.fetchone()
        return int(row[1]) if row else 0

    def _start(self) -> None:
        name = self.source.publication.replace('"', '""')
        options = {"proto_version": "1", "publication_names": f'"{name}"'}
        self._cursor.start_replication(
            slot_name=self.source.slot, options=options, decode=False, status_interval=NO_LIMIT_S
        )

    def read(self) -> bytes | None:
        """Return the next message, None when none has arrived; raise EngineError when the connection is lost."""
        try:
            message = self._cursor.read_message()
        except psycopg2.Error as error:
            raise _translate(error, self.source) from error
        if message is None:
            if self._cursor.io_timestamp > self._cursor.feedback_timestamp:
                self.heard_at = time.monotonic()
            return None
        self.heard_at = time.monotonic()
        self._data_start = message.data_start
        return cast("bytes", message.payload)

    @property
    def may_forward(self) -> bool:
        """Tell whether psycopg2, at a keepalive, would now confirm all that was read, instead of what we confirmed.

        It does so when the last message begins before the confirmed position, as the rows of a transaction do that
        ran beside a confirmed one. So nothing more may be read then while a whole transaction waits to be confirmed
        (pq_read_replication_message in psycopg/pqpath.c, version 2.9.13).
        """
        return self._data_start <= self.confirmed_lsn

    @property
    def wal_end(self) -> int:
        """Return the highest position that the server has named."""
        return int(self._cursor.wal_end)

    def confirm(self, lsn: int) -> None:
        """Take note that all up to a position has been dealt with; the next feedback says so."""
        self.confirmed_lsn = max(self.confirmed_lsn, lsn)

    def feed_back(self) -> None:
        """Tell the server what has been confirmed, and ask it for a sign of life."""
        self.told_at = time.monotonic()
        with _errors_of(self.source):
            self._feed_back(flush_lsn=self.confirmed_lsn, reply=True, force=True)

    def fileno(self) -> int:
        """Return the socket that becomes readable when messages arrive."""
        with _errors_of(self.source):
            return self._connection.fileno()

    def close(self) -> None:
        """End the connection; the server keeps what was not confirmed."""
        self._connection.close()


@contextmanager
def _errors_of(source: Source) -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        raise _translate(error, source) from error


def _translate(error: psycopg2.Error, source: Source) -> EngineError:
    kind = PublicationUnknown if error.pgcode == _UNDEFINED_OBJECT else EngineError
    return kind(f"the stream of the slot {source.slot} broke off", detail=str(error).strip())
