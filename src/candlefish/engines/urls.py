"""The URLs under which a tier's databases and its cache answer."""

from urllib.parse import quote

from candlefish.endpoints import Endpoints
from candlefish.engines.databases import ADMIN, APP
from candlefish.engines.tier import Tier
from candlefish.plan.model import PostgresNode, RedisNode


def make_endpoints(tier: Tier, database: str, primary: PostgresNode, redis_primary: RedisNode) -> Endpoints:
    """Give the endpoints of one database of the tier, and of the cache as it is now.

    The administrator's URL names every node, the present primary first: drivers ask them in that order.
    """
    plan, secrets = tier.plan, tier.secrets
    pooler = f"{plan.pgbouncer.host}:{plan.pgbouncer.port}"

    def pooled(endpoint: str) -> str:
        return f"postgresql://{APP}:{quote(secrets.app)}@{pooler}/{quote(database)}_{endpoint}"

    ordered = sorted(plan.postgres.nodes, key=lambda node: node != primary)
    nodes = ",".join(f"{node.host}:{node.port}" for node in ordered)
    writable = "?target_session_attrs=read-write" if len(plan.postgres.nodes) > 1 else ""
    sentinels = ",".join(f"{sentinel.host}:{sentinel.port}" for sentinel in plan.redis.sentinels)
    password = quote(secrets.redis)
    return Endpoints(
        main_url=pooled("main"),
        read_url=pooled("read"),
        read_urls=tuple(pooled(f"read_{number + 1}") for number in range(max(1, len(plan.postgres.nodes) - 1))),
        session_url=pooled("session"),
        analytics_url=pooled("analytics"),
        admin_url=f"postgresql://{ADMIN}:{quote(secrets.admin)}@{nodes}/{quote(database)}{writable}",
        redis_url=f"redis://default:{password}@{redis_primary.host}:{redis_primary.port}/0",
        sentinel_url=f"redis+sentinel://:{password}@{sentinels}/{plan.redis.service}" if sentinels else "",
        pgbouncer_host=plan.pgbouncer.host,
        pgbouncer_port=plan.pgbouncer.port,
        redis_endpoint=f"{redis_primary.host}:{redis_primary.port}",
        redis_auth_token=secrets.redis,
    )
