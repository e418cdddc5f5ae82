"""One multiplexed connection to a Redis server: callers share it, the commands of one loop tick leave in one write."""

import asyncio
import ssl
from collections import deque
from typing import Any, cast

import hiredis

from candlefish.client.redis.address import RedisAddress
from candlefish.errors import CacheUnavailable, UsageError

Argument = str | bytes | int | float


class RedisRefused(CacheUnavailable):
    """Redis answered a command with an error; `code` is its first word, such as READONLY."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"redis refused a command: {error}")
        self.code = str(error).split(" ", 1)[0]


class RedisConnection(asyncio.Protocol):
    """Send commands and give each caller its reply; a server that answers nothing for `timeout_s` is given up."""

    def __init__(self, timeout_s: float) -> None:
        self.closed = False
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._pending: deque[asyncio.Future[Any]] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._heard_at = 0.0
        self._watchdog: asyncio.TimerHandle | None = None

    def call(self, *command: Argument) -> "asyncio.Future[Any]":
        """Queue a command and return the future of its reply."""
        future: asyncio.Future[Any] = self._loop.create_future()
        if self.closed:
            future.set_exception(CacheUnavailable("the connection to redis is closed"))
            return future
        if not self._pending:
            self._watch()
        self._pending.append(future)
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(hiredis.pack_command(command))  # type: ignore[arg-type]  # its stub wants one type for all
        return future

    def close(self) -> None:
        """Cut the connection; callers that still wait get CacheUnavailable."""
        self._lose("the connection to redis was closed")
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Give each reply to the caller whose turn it is."""
        self._heard_at = self._loop.time()
        reader, pending = self._reader, self._pending
        reader.feed(data)
        while (reply := reader.gets()) is not False:
            future = pending.popleft()
            if future.done():  # its caller was cancelled
                continue
            if isinstance(reply, hiredis.ReplyError):
                future.set_exception(RedisRefused(reply))
            else:
                future.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every caller that waits."""
        self._lose(f"the connection to redis was lost: {exc or 'redis closed it'}")

    def _send(self) -> None:
        if self._transport is not None and not self.closed:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _watch(self) -> None:
        self._heard_at = self._loop.time()
        if self._watchdog is None:
            self._watchdog = self._loop.call_later(self._timeout_s, self._check_silence)

    def _check_silence(self) -> None:
        self._watchdog = None
        if self.closed or not self._pending:
            return
        silence_s = self._loop.time() - self._heard_at
        if silence_s >= self._timeout_s:
            self._lose(f"redis answered nothing for {silence_s:.3g} s")
            if self._transport is not None:
                self._transport.abort()
            return
        self._watchdog = self._loop.call_later(self._timeout_s - silence_s, self._check_silence)

    def _lose(self, message: str) -> None:
        if self.closed:
            return
        self.closed = True
        if self._watchdog is not None:
            self._watchdog.cancel()
        for future in self._pending:
            if not future.done():
                future.set_exception(CacheUnavailable(message))
        self._pending.clear()


async def connect(address: RedisAddress, *, timeout_s: float, log_in: bool = True) -> RedisConnection:
    """Connect and log in within `timeout_s`; raise CacheUnavailable."""
    loop = asyncio.get_running_loop()
    try:
        tls = _make_tls(address)
        async with asyncio.timeout(timeout_s):
            _, connection = await loop.create_connection(
                lambda: RedisConnection(timeout_s), address.host, address.port, ssl=tls
            )
    except OSError as error:  # TimeoutError is one
        reason = str(error) or "no answer in time"
        raise CacheUnavailable(f"redis at {address.host}:{address.port} took no connection: {reason}") from error
    try:
        if log_in and address.password:
            await connection.call("AUTH", *([address.user] if address.user else []), address.password)
        if address.database:
            await connection.call("SELECT", address.database)
    except BaseException:
        connection.close()
        raise
    return connection


def require_authorities(address: RedisAddress) -> None:
    """Raise UsageError when the file with the authorities that an address names can't be used."""
    try:
        _make_tls(address)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"could not read the certificates in {address.ca_file}: {error.strerror or error}",
            hint="ssl_ca_certs in the Redis URL names a PEM file with the authority of Redis's certificate",
        ) from error


def _make_tls(address: RedisAddress) -> ssl.SSLContext | None:
    """Give what verifies the server, made anew for each connection, so that a renewed file is seen."""
    return ssl.create_default_context(cafile=address.ca_file or None) if address.tls else None
