"""When a tier is whole: one question for each part, and the wait for its answer."""

import time
from collections.abc import Callable

import psycopg

from candlefish import process
from candlefish.engines import databases, redis
from candlefish.engines.supervisor import Supervisor
from candlefish.engines.tier import Tier
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode

SETTLE_S = 5.0
"""Seconds in which a program may fail to start and be tried again before its failure counts."""


def replicas_stream(tier: Tier, primary: PostgresNode) -> bool:
    """Tell whether every replica streams, with its copy of the permanent slots, for which it was restarted once.

    One of them has to be synchronous when that is asked for: the primary says so 2 s before Patroni's REST does.
    """
    plan = tier.plan.postgres
    synchronous = databases.fetch_streaming(primary, tier.secrets)
    wanted = 0 if plan.synchronous == "off" else 1
    return (
        len(synchronous) == len(plan.nodes) - 1
        and sum(synchronous) >= wanted
        and all(databases.has_slots(node, tier.secrets, plan.slots) for node in plan.nodes)
    )


def redis_is_whole(tier: Tier) -> bool:
    """Tell whether the Redis primary answers and has all its replicas."""
    plan, password = tier.plan.redis, tier.secrets.redis
    primary = redis.fetch_primary(plan, password)
    info = redis.fetch_info(primary, password) if primary else None
    return bool(info and info["role"] == "master" and info["connected_slaves"] == len(plan.nodes) - 1)


def answers(tier: Tier, pooled: str) -> bool:
    """Tell whether `select 1` comes back through one database of the pooler."""
    plan = tier.plan.pgbouncer
    try:
        with psycopg.connect(
            host=plan.host, port=plan.port, user=databases.APP, password=tier.secrets.app, dbname=pooled,
            autocommit=True, connect_timeout=databases.CONNECT_S, prepare_threshold=None,
        ) as connection:  # fmt: skip
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def wait_for(
    what: str, condition: Callable[[], bool], supervisor: Supervisor, *, timeout_s: float, programs: tuple[str, ...]
) -> None:
    """Wait for one part; raise EngineError with the log of its program when it does not come or keeps failing."""
    start = time.monotonic()

    def failed() -> str | None:
        infos = supervisor.processes() if time.monotonic() - start > SETTLE_S else {}
        return next((name for name in programs if name in infos and infos[name].state in ("fatal", "backoff")), None)

    came = False

    def settled() -> bool:
        nonlocal came
        came = condition()
        return came or failed() is not None

    process.wait_until(settled, timeout_s=timeout_s)
    if came:
        return
    culprit = failed()
    name = culprit or programs[0]
    log = supervisor.state.logs / f"{name}.log"
    raise EngineError(
        f"{what} did not come up" + ("" if culprit else f" within {timeout_s:g} s"),
        detail=process.tail(log, 6) or f"{log} is empty",
        hint=f"see `candlefish logs {name}`",
    )
