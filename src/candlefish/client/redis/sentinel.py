"""Ask the Sentinels where the primary is now."""

from candlefish.client.redis.address import RedisAddress, SentinelAddress
from candlefish.client.redis.connect import connect
from candlefish.client.redis.connection import Owner, RedisConnection, RedisRefused
from candlefish.client.redis.gets import Gets
from candlefish.errors import CacheUnavailable

_NO_PASSWORD_WANTED = "ERR"
"""A Sentinel without a password of its own answers AUTH with ERR; one that has another password with WRONGPASS."""


class NoOwner:
    """Own a connection that one question is asked on."""

    def changed(self, keys: list[bytes] | None) -> None:
        """Nothing is watched."""

    def lost(self, connection: RedisConnection, error: CacheUnavailable) -> None:
        """Who asked was told."""

    def refused_gets(self, connection: RedisConnection, gets: Gets, error: RedisRefused) -> None:
        """Tell who asked."""
        gets.fail(error)

    def seen_large(self, key: str) -> None:
        """Nothing is asked for again."""


async def connect_to_primary(service: SentinelAddress, owner: Owner, *, timeout_s: float) -> RedisConnection:
    """Connect to the primary that a Sentinel names, once it says itself that it is one; raise CacheUnavailable."""
    problems = []
    for sentinel in service.sentinels:
        try:
            primary = await _ask(sentinel, service.service, timeout_s)
            connection = await connect(primary, owner, timeout_s=timeout_s)
            if await _is_primary(connection):
                return connection
            connection.close()
            problems.append(f"{primary.host}:{primary.port} is no primary (yet)")
        except CacheUnavailable as error:
            problems.append(error.message)
    raise CacheUnavailable(f"no primary of redis {service.service!r} was found", detail="; ".join(problems))


async def _ask(sentinel: RedisAddress, service: str, timeout_s: float) -> RedisAddress:
    connection = await connect(sentinel, NoOwner(), timeout_s=timeout_s, log_in=False)
    try:
        if sentinel.password:
            await _log_in(connection, sentinel.password)
        reply = await connection.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
    finally:
        connection.close()
    if not reply:
        raise CacheUnavailable(f"the sentinel at {sentinel.host}:{sentinel.port} knows no service {service!r}")
    return sentinel.at(reply[0].decode(), int(reply[1]))


async def _log_in(sentinel: RedisConnection, password: str) -> None:
    try:
        await sentinel.call("AUTH", password)
    except RedisRefused as error:
        if error.code != _NO_PASSWORD_WANTED:
            raise


async def _is_primary(connection: RedisConnection) -> bool:
    try:
        role = await connection.call("ROLE")
    except BaseException:
        connection.close()
        raise
    return bool(role[0] == b"master")
