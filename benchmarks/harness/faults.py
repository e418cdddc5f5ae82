"""What is done to a tier while it is measured: programs killed, stopped and frozen, connections cut."""

import os
import signal

import psycopg

from candlefish import process
from candlefish.engines import databases, redis
from candlefish.engines.stack import Stack
from candlefish.engines.status import fetch_status
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode, RedisNode

WHOLE_S = 180.0
"""Seconds that a tier may take to be whole again: a replica that has to be copied anew takes tens of them."""

CENSUS_POLL_S = 1.0
"""Seconds between two looks at the whole tier: one costs 0.1 s of a core, which the measured program lacks."""


def postgres_replicas(stack: Stack) -> list[PostgresNode]:
    """Return every server that is not the primary now."""
    primary = stack.require_primary()
    return [node for node in stack.plan.postgres.nodes if node != primary]


def redis_primary(stack: Stack) -> RedisNode:
    """Return the node that is primary now; raise EngineError when the Sentinels name none."""
    found = redis.fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    if found is None:
        raise EngineError("the Sentinels name no Redis primary")
    return found


def kill_redis(stack: Stack, node: RedisNode) -> None:
    """SIGKILL one Redis; supervisord starts it again, as a replica of whoever was elected."""
    os.kill(stack.supervisor.processes()[node.name].pid, signal.SIGKILL)


def kill_postgres(stack: Stack, node: PostgresNode) -> None:
    """SIGKILL one server and its Patroni, as when a machine is lost; supervisord starts Patroni again."""
    patroni = stack.supervisor.processes()[node.name].pid
    postmaster = int((stack.state.data / node.name / "postmaster.pid").read_text().split()[0])
    os.kill(patroni, signal.SIGKILL)
    os.kill(postmaster, signal.SIGKILL)


def stop_redis(stack: Stack) -> None:
    """Stop all of Redis, the Sentinels first, so that nobody is elected on the way."""
    for name in _redis_programs(stack):
        stack.supervisor.stop_program(name)


def start_redis(stack: Stack) -> None:
    """Start all of Redis again, empty."""
    for name in _redis_programs(stack):
        stack.supervisor.start_program(name)


def freeze_redis(stack: Stack) -> None:
    """SIGSTOP all of Redis: connections stay open and nothing answers."""
    for name in _redis_programs(stack):
        stack.supervisor.signal(name, signal.SIGSTOP)


def thaw_redis(stack: Stack) -> None:
    """Let all of Redis go on."""
    for name in _redis_programs(stack):
        stack.supervisor.signal(name, signal.SIGCONT)


def wait_for_redis(stack: Stack) -> None:
    """Return when a Redis primary answers; raise EngineError when none does."""
    secret = stack.tier.secrets.redis

    def answers() -> bool:
        primary = redis.fetch_primary(stack.plan.redis, secret)
        info = redis.fetch_info(primary, secret) if primary else None
        return bool(info and info["role"] == "master")

    if not process.wait_until(answers, timeout_s=WHOLE_S):
        raise EngineError(f"no Redis primary answered within {WHOLE_S:g} s")


def cut_pooler(stack: Stack, database: str) -> None:
    """Have PgBouncer drop every connection of a database, to clients and to servers."""
    plan = stack.plan.pgbouncer
    names = [f"{database}_{endpoint}" for endpoint in _endpoints(stack)]
    with psycopg.connect(
        host=plan.host, port=plan.port, user=databases.POOLER, password=stack.tier.secrets.pooler, dbname="pgbouncer",
        autocommit=True,
    ) as console:  # fmt: skip
        for name in names:
            console.execute(f"kill {name}".encode())
            console.execute(f"resume {name}".encode())


def _redis_programs(stack: Stack) -> list[str]:
    """Return the Sentinels' names, then the nodes'."""
    plan = stack.plan.redis
    return [*(sentinel.name for sentinel in plan.sentinels), *(node.name for node in plan.nodes)]


def _endpoints(stack: Stack) -> list[str]:
    replicas = len(stack.plan.postgres.nodes) - 1
    return ["main", *(f"read_{number + 1}" for number in range(replicas))]


def wait_until_whole(stack: Stack) -> bool:
    """Wait until every program of the tier runs and every replica serves reads; return whether that came."""
    return process.wait_until(lambda: fetch_status(stack).is_whole, timeout_s=WHOLE_S, poll_s=CENSUS_POLL_S)


def keys_without_ttl(stack: Stack) -> int | None:
    """Count the keys in Redis that would stay for ever; None while no primary answers."""
    secret = stack.tier.secrets.redis
    primary = redis.fetch_primary(stack.plan.redis, secret)
    info = redis.fetch_info(primary, secret) if primary else None
    if info is None:
        return None
    spaces = [value for name, value in info.items() if name.startswith("db") and isinstance(value, dict)]
    return sum(int(space["keys"]) - int(space["expires"]) for space in spaces)
