"""Where a running tier answers: written by the engines, printed by `candlefish env`, read by applications."""

from collections.abc import Mapping
from dataclasses import dataclass

from candlefish.errors import UsageError


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of one database of a tier, as URLs that any client library takes.

    `sentinel_url` is empty on a tier without Sentinel, `redis_cluster_url` where the cache is not sharded;
    `read_urls` has one entry for each replica.
    """

    main_url: str
    read_url: str
    read_urls: tuple[str, ...]
    session_url: str
    analytics_url: str
    admin_url: str
    redis_url: str
    sentinel_url: str
    pgbouncer_host: str
    pgbouncer_port: int
    redis_endpoint: str
    redis_auth_token: str
    redis_cluster_url: str = ""

    def to_env(self) -> dict[str, str]:
        """Give the environment variables that an application reads."""
        return {
            "CANDLEFISH_MAIN_URL": self.main_url,
            "CANDLEFISH_READ_URL": self.read_url,
            "CANDLEFISH_READ_URLS": ",".join(self.read_urls),
            "CANDLEFISH_SESSION_URL": self.session_url,
            "CANDLEFISH_ANALYTICS_URL": self.analytics_url,
            "CANDLEFISH_ADMIN_URL": self.admin_url,
            "CANDLEFISH_REDIS_URL": self.redis_url,
            "CANDLEFISH_SENTINEL_URL": self.sentinel_url,
            "CANDLEFISH_REDIS_CLUSTER_URL": self.redis_cluster_url,
            "PGBOUNCER_HOST": self.pgbouncer_host,
            "PGBOUNCER_PORT": str(self.pgbouncer_port),
            "REDIS_ENDPOINT": self.redis_endpoint,
            "REDIS_AUTH_TOKEN": self.redis_auth_token,
        }


def require_env(env: Mapping[str, str], name: str) -> str:
    """Return one variable of the environment; raise UsageError when it is not set."""
    value = env.get(name, "")
    if not value:
        raise UsageError(
            f"the environment variable {name} is not set",
            hint='run `eval "$(candlefish env)"` where the tier runs, or set it yourself',
        )
    return value
