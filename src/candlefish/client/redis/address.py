"""The two URLs of a Redis: one server, or the Sentinels that know where the primary is.

redis://:PASSWORD@HOST:PORT            rediss:// for TLS
redis+sentinel://:PASSWORD@HOST1:PORT1,HOST2:PORT2,HOST3:PORT3/SERVICE

With TLS the server's certificate is always verified: by the authorities that the system trusts, or by those in a file,
`?ssl_ca_certs=FILE` (the name that redis-py has for it).
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote

from candlefish.errors import UsageError

_URL = re.compile(
    r"^(?P<scheme>rediss?|rediss?\+sentinel)://"
    r"(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^/@?]+)(?:/(?P<path>[^?]*))?(?:\?(?P<query>.*))?$"
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One Redis server, or one Sentinel, and how to log in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    ca_file: str = ""
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
    tls = match["scheme"].startswith("rediss")
    ca_file = _read_ca_file(match["query"] or "", tls=tls)
    for place in match["hosts"].split(","):
        host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", str(default_port))
        addresses.append(
            RedisAddress(
                host=host.strip("[]"),
                port=int(port),
                user=unquote(match["user"] or ""),
                password=unquote(match["password"] or ""),
                tls=tls,
                ca_file=ca_file,
            )
        )
    return tuple(addresses)


def _read_ca_file(query: str, *, tls: bool) -> str:
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    ca_file = parameters.pop("ssl_ca_certs", "")
    if parameters:
        raise UsageError(
            f"the Redis URL has parameters that are not known here: {', '.join(sorted(parameters))}",
            hint="known is ssl_ca_certs=FILE",
        )
    if ca_file and not tls:
        raise UsageError("the Redis URL names ssl_ca_certs without TLS", hint="begin it with rediss://")
    return ca_file
