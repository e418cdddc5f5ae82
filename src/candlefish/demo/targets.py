"""The ways to the data that the demo measures: before, after, and each part of the difference alone."""

from dataclasses import replace
from urllib.parse import quote

from candlefish.bench.target import Target
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack
from candlefish.plan.model import PostgresNode

CACHE_TTL_S = 300.0
"""The promise of plan/objectives.py: cache-aside with a TTL of 300 s."""

WORKER_POOL_SIZE = 10
"""Connections that one worker's pool holds at most to each endpoint; PgBouncer holds 25 for all of them."""


def make_before(stack: Stack) -> Target:
    """Return Before: each request opens its own connection to the primary; no pooler, no replica, no cache."""
    primary = stack.require_primary()
    return Target(name="before", write_url=_direct(stack, primary))


def make_after(endpoints: Endpoints) -> Target:
    """Return After: pools to PgBouncer, reads on the replicas, cache-aside in Redis, the optimised database."""
    target = Target(
        name="after",
        write_url=endpoints.main_url,
        read_urls=endpoints.read_urls,
        pooled=True,
        optimised=True,
        pool_size=WORKER_POOL_SIZE,
        ttl_s=CACHE_TTL_S,
    )
    return _with_cache(target, endpoints)


def make_pooling_alone(endpoints: Endpoints) -> Target:
    """Return Before with PgBouncer and a pool: everything still goes to the primary."""
    return Target(name="pooling", write_url=endpoints.main_url, pooled=True, pool_size=WORKER_POOL_SIZE)


def make_replicas_alone(stack: Stack) -> Target:
    """Return Before with its reads on the replicas, a new connection for each request."""
    primary = stack.require_primary()
    replicas = [node for node in stack.plan.postgres.nodes if node != primary]
    urls = tuple(_direct(stack, node) for node in replicas)
    return Target(name="replicas", write_url=_direct(stack, primary), read_urls=urls)


def make_cache_alone(stack: Stack, endpoints: Endpoints) -> Target:
    """Return Before with cache-aside in Redis."""
    return replace(_with_cache(make_before(stack), endpoints), name="cache")


def make_indexes_alone(stack: Stack) -> Target:
    """Return Before on the optimised database."""
    return replace(make_before(stack), name="indexes", optimised=True)


def _with_cache(target: Target, endpoints: Endpoints) -> Target:
    """Add Redis, found through Sentinel where there is one."""
    return replace(target, redis_url=endpoints.redis_url, sentinel_url=endpoints.sentinel_url)


def make_admin_url(stack: Stack) -> str:
    """Return the administrator's way to the primary of this moment: psql takes one host from its environment."""
    return _direct(stack, stack.require_primary(), databases.ADMIN, stack.tier.secrets.admin)


def _direct(stack: Stack, node: PostgresNode, user: str = "", password: str = "") -> str:
    login = f"{user or databases.APP}:{quote(password or stack.tier.secrets.app)}"
    return f"postgresql://{login}@{node.host}:{node.port}/{stack.plan.postgres.database}"
