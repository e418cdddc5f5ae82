"""The two URLs of a Redis: one server, or the Sentinels that know where the primary is.

redis://:PASSWORD@HOST:PORT            rediss:// for TLS
redis+sentinel://:PASSWORD@HOST1:PORT1,HOST2:PORT2,HOST3:PORT3/SERVICE
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from candlefish.errors import UsageError

_URL = re.compile(
    r"^(?P<scheme>rediss?|rediss?\+sentinel)://"
    r"(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^/@]+)(?:/(?P<path>[^?]*))?$"
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One Redis server, or one Sentinel, and how to log in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    database: int = 0

    def at(self, host: str, port: int) -> "RedisAddress":
        """Give the same credentials at another place."""
        return replace(self, host=host, port=port)


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """The Sentinels of one service."""

    sentinels: tuple[RedisAddress, ...]
    service: str


def parse_redis_url(url: str) -> RedisAddress:
    """Read `redis://[user]:password@host:port/database`; raise UsageError when it is none."""
    match = _match(url, sentinel=False)
    path = match["path"] or "0"
    if not path.isdigit():
        raise UsageError(f"the Redis URL names no database by number: {path!r}")
    (address,) = _addresses(match, default_port=6379) if "," not in match["hosts"] else (_refuse(url),)
    return replace(address, database=int(path))


def parse_sentinel_url(url: str) -> SentinelAddress:
    """Read `redis+sentinel://:password@host:port,host:port/service`; raise UsageError when it is none."""
    match = _match(url, sentinel=True)
    if not match["path"]:
        raise UsageError("the Sentinel URL names no service", hint="end it with /SERVICE, for instance /candlefish")
    return SentinelAddress(_addresses(match, default_port=26379), match["path"])


def _match(url: str, *, sentinel: bool) -> re.Match[str]:
    match = _URL.match(url)
    if match is None or match["scheme"].endswith("+sentinel") is not sentinel:
        _refuse(url)
    assert match is not None
    return match


def _refuse(url: str) -> RedisAddress:
    shown = re.sub(r":[^:@/]*@", ":***@", url)
    raise UsageError(
        f"{shown!r} is not a Redis URL of the kind that is needed here",
        hint="redis://:PASSWORD@HOST:PORT, or redis+sentinel://:PASSWORD@HOST:PORT,HOST:PORT/SERVICE",
    )


def _addresses(match: re.Match[str], *, default_port: int) -> tuple[RedisAddress, ...]:
    addresses = []
    for place in match["hosts"].split(","):
        host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", str(default_port))
        addresses.append(
            RedisAddress(
                host=host.strip("[]"),
                port=int(port),
                user=unquote(match["user"] or ""),
                password=unquote(match["password"] or ""),
                tls=match["scheme"].startswith("rediss"),
            )
        )
    return tuple(addresses)
