"""Open a connection to one Redis server: TCP or TLS, login, RESP3, tracking."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from candlefish.client.redis.address import RedisAddress
from candlefish.client.redis.connection import Owner, RedisConnection, RedisRefused
from candlefish.errors import CacheUnavailable, UsageError

SHORTEST_CONNECT_S: Final = 1.0
"""A connection may take so long even where calls may not: TLS handshakes of a whole fleet come at the same moment."""

_UNKNOWN: Final = frozenset({"ERR", "NOPROTO", "NOPERM"})
"""How a server, or one behind a proxy, refuses a command that it does not have or not for this user."""


async def connect(
    address: RedisAddress,
    owner: Owner,
    *,
    timeout_s: float,
    log_in: bool = True,
    group: Callable[[str], int] | None = None,
) -> RedisConnection:
    """Connect and log in; raise CacheUnavailable."""
    connection = await _open(address, owner, timeout_s, group)
    try:
        if log_in:
            await _log_in(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


async def require_ready(connection: RedisConnection) -> None:
    """Raise CacheUnavailable while the server is there and serves nobody, for instance while it loads its data."""
    try:
        await connection.call("PING")
    except RedisRefused as error:
        if error.code != "NOPERM":  # a user who may not PING may still read
            raise


async def track(connection: RedisConnection) -> bool:
    """Ask for pushes when others change keys that watched commands read; return False where the server has none.

    NOLOOP: up to Redis 7.0 a script's first read watches all its keys, also those that it then writes itself.
    """
    if not connection.pushes:  # without RESP3 a server takes the command and never says anything
        return False
    try:
        await connection.call("CLIENT", "TRACKING", "ON", "OPTIN", "NOLOOP")
    except RedisRefused:
        return False
    return True


def require_authorities(address: RedisAddress) -> None:
    """Raise UsageError when the file with the authorities that an address names can't be used."""
    try:
        _make_tls(address)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"could not read the certificates in {address.ca_file}: {error.strerror or error}",
            hint="ssl_ca_certs in the Redis URL names a PEM file with the authority of Redis's certificate",
        ) from error


async def _open(
    address: RedisAddress, owner: Owner, timeout_s: float, group: Callable[[str], int] | None
) -> RedisConnection:
    try:
        tls = _make_tls(address)
        async with asyncio.timeout(max(timeout_s, SHORTEST_CONNECT_S)):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: RedisConnection(owner, timeout_s, group=group), address.host, address.port, ssl=tls
            )
    except OSError as error:  # TimeoutError is one
        reason = str(error) or "no answer in time"
        raise CacheUnavailable(f"redis at {address.host}:{address.port} took no connection: {reason}") from error
    return connection


async def _log_in(connection: RedisConnection, address: RedisAddress) -> None:
    login = (address.user or "default", address.password) if address.password else ()
    try:
        await connection.call("HELLO", 3, *(("AUTH", *login) if login else ()))
        connection.pushes = True
    except RedisRefused as error:
        if error.code not in _UNKNOWN:
            raise
        if login:
            await connection.call("AUTH", *(login if address.user else login[1:]))
    if address.database:
        await connection.call("SELECT", address.database)


def _make_tls(address: RedisAddress) -> ssl.SSLContext | None:
    """Give what verifies the server, made anew for each connection, so that a renewed file is seen."""
    return ssl.create_default_context(cafile=address.ca_file or None) if address.tls else None
