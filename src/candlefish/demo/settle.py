"""Quiet between two phases: what one wrote must not slow down the measuring of the next."""

import redis as redis_client

from candlefish import process
from candlefish.engines import databases, redis
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError


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
    """Delete every key, so that the warm-up begins with nothing; raise EngineError when Redis does not answer."""
    plan, password = stack.plan.redis, stack.tier.secrets.redis
    node = redis.fetch_primary(plan, password) or plan.nodes[0]
    try:
        with redis.connect(node.host, node.port, password) as client:
            client.flushall()
    except redis_client.RedisError as error:
        raise EngineError(f"Redis on {node.host}:{node.port} did not empty its keys", detail=str(error)) from error
