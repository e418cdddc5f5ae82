"""Quiet between two phases: what one wrote must not slow down the measuring of the next."""

import redis as redis_client

from candlefish import process
from candlefish.demo import queries
from candlefish.engines import databases, redis
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError

CACHED = tuple(query.cache for query in vars(queries).values() if isinstance(query, queries.Query) and query.cache)
"""What the keys of the workload begin with."""


def settle(stack: Stack, timeout_s: float) -> None:
    """Write everything to disk and wait until the replicas have replayed it (or the time is over)."""
    primary = stack.require_primary()
    with databases.connect(primary, stack.tier.secrets) as connection:
        connection.execute("checkpoint")
        # Something is written all the time, so "behind" is asked against one moment's position.
        position = connection.execute("select pg_current_wal_lsn()::text").fetchone()
        query = "select count(*) from pg_stat_replication where replay_lsn < %s::pg_lsn"
        process.wait_until(lambda: connection.execute(query, position).fetchone() == (0,), timeout_s=timeout_s)


def empty_cache(stack: Stack) -> None:
    """Delete the keys of the workload, so that the warm-up begins with nothing; other applications' keys stay.

    Raises EngineError when Redis does not answer.
    """
    plan, password = stack.plan.redis, stack.tier.secrets.redis
    node = redis.fetch_primary(plan, password) or plan.nodes[0]
    try:
        with redis.connect(node.host, node.port, password) as client:
            for prefix in CACHED:
                keys = list(client.scan_iter(match=f"{prefix}:*", count=1000))
                if keys:
                    client.unlink(*keys)
    except redis_client.RedisError as error:
        raise EngineError(f"Redis on {node.host}:{node.port} did not empty its keys", detail=str(error)) from error
