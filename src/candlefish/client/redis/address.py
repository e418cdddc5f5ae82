"""The three URLs of a Redis: one server, the Sentinels that know where the primary is, or some nodes of a cluster.

redis://:PASSWORD@HOST:PORT            rediss:// for TLS
redis+sentinel://:PASSWORD@HOST1:PORT1,HOST2:PORT2,HOST3:PORT3/SERVICE
redis+cluster://:PASSWORD@HOST1:PORT1,HOST2:PORT2          one node is enough: it knows the others

With TLS the server's certificate is always verified: by the authorities that the system trusts, or by those in a file,
`?ssl_ca_certs=FILE` (the name that redis-py has for it).
"""

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, unquote

from candlefish.errors import UsageError

_URL = re.compile(
    r"^(?P<scheme>rediss?(?:\+sentinel|\+cluster)?)://"
    r"(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^/@?]+)(?:/(?P<path>[^?]*))?(?:\?(?P<query>.*))?$"
)


_PLACE = re.compile(r"^(?P<host>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>\d+))?$")
LAST_PORT: Final = 65535


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


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Some nodes of a cluster, which know the others."""

    seeds: tuple[RedisAddress, ...]


def choose_address(
    redis_url: str, sentinel_url: str, cluster_url: str
) -> "RedisAddress | SentinelAddress | ClusterAddress":
    """Return the address of the one URL that is given; raise UsageError when there is none."""
    if sentinel_url:
        return parse_sentinel_url(sentinel_url)
    if cluster_url:
        return parse_cluster_url(cluster_url)
    if redis_url:
        return parse_url(redis_url)
    raise UsageError("a Cache needs redis_url, sentinel_url or cluster_url")


def parse_url(url: str) -> "RedisAddress | SentinelAddress | ClusterAddress":
    """Read any of the three, by its scheme; raise UsageError when it is none."""
    scheme = url.partition("://")[0]
    if scheme.endswith("+sentinel"):
        return parse_sentinel_url(url)
    return parse_cluster_url(url) if scheme.endswith("+cluster") else parse_redis_url(url)


def parse_redis_url(url: str) -> RedisAddress:
    """Read `redis://[user]:password@host:port/database`; raise UsageError when it is none."""
    match = _match(url, kind="")
    path = match["path"] or "0"
    if not path.isdigit():
        raise UsageError(f"the Redis URL {_show(url)!r} names no database by number: {path!r}")
    first, *others = _addresses(match, default_port=6379)
    if others:
        raise UsageError(
            f"the Redis URL {_show(url)!r} names several servers",
            hint="redis+sentinel:// or redis+cluster://, where these are Sentinels or a cluster",
        )
    return replace(first, database=int(path))


def parse_sentinel_url(url: str) -> SentinelAddress:
    """Read `redis+sentinel://:password@host:port,host:port/service`; raise UsageError when it is none."""
    match = _match(url, kind="+sentinel")
    if not match["path"]:
        raise UsageError(
            f"the Sentinel URL {_show(url)!r} names no service", hint="end it with /SERVICE, for instance /candlefish"
        )
    return SentinelAddress(_addresses(match, default_port=26379), match["path"])


def parse_cluster_url(url: str) -> ClusterAddress:
    """Read `redis+cluster://[user]:password@host:port,host:port`; raise UsageError when it is none."""
    match = _match(url, kind="+cluster")
    if match["path"] not in (None, "", "0"):
        raise UsageError(f"the Redis URL {_show(url)!r} names a database: a cluster has one, 0")
    return ClusterAddress(_addresses(match, default_port=6379))


def _match(url: str, *, kind: str) -> re.Match[str]:
    match = _URL.match(url)
    if match is None or match["scheme"].removeprefix("rediss").removeprefix("redis") != kind:
        raise UsageError(
            f"{_show(url)!r} is not a Redis URL of the kind that is needed here",
            hint="redis://:PASSWORD@HOST:PORT, redis+sentinel://:PASSWORD@HOST:PORT,HOST:PORT/SERVICE, or "
            "redis+cluster://:PASSWORD@HOST:PORT,HOST:PORT; in a password / is %2F, @ is %40",
        )
    return match


def _show(url: str) -> str:
    """Give a URL without its credentials and parameters."""
    return re.sub(r"^([^/]*//)?.*@", r"\1***@", url).partition("?")[0]


def _addresses(match: re.Match[str], *, default_port: int) -> tuple[RedisAddress, ...]:
    addresses = []
    tls = match["scheme"].startswith("rediss")
    ca_file = _read_ca_file(match["query"] or "", tls=tls)
    for place in match["hosts"].split(","):
        found = _PLACE.match(place)
        port = int(found["port"] or default_port) if found is not None else 0
        if found is None or not 0 < port <= LAST_PORT:
            raise UsageError(f"the Redis URL {_show(match.string)!r} has a place that is no HOST:PORT: {place!r}")
        addresses.append(
            RedisAddress(
                host=found["host"].strip("[]"),
                port=port,
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
