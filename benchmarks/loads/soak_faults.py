"""What is done to a tier in the course of a soak."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.faults import cut_pooler, kill_postgres, kill_redis, postgres_replicas, redis_primary
from harness.tier import database_name


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to the tier when so much of the work is done."""

    at_share: float
    name: str
    strike: Callable[[Stack, Endpoints], None]


def _kill_redis_primary(stack: Stack, _endpoints: Endpoints) -> None:
    kill_redis(stack, redis_primary(stack))


def _kill_replica(stack: Stack, _endpoints: Endpoints) -> None:
    kill_postgres(stack, postgres_replicas(stack)[0])


def _cut_pooler(stack: Stack, endpoints: Endpoints) -> None:
    cut_pooler(stack, database_name(endpoints))


def _kill_primary(stack: Stack, _endpoints: Endpoints) -> None:
    kill_postgres(stack, stack.require_primary())


FAULTS: Final = (
    Fault(0.10, "the Redis primary is killed", _kill_redis_primary),
    Fault(0.18, "a replica is killed", _kill_replica),
    Fault(0.26, "the pooler's connections are cut", _cut_pooler),
    Fault(0.34, "the PostgreSQL primary is killed", _kill_primary),
    Fault(0.60, "the Redis primary is killed", _kill_redis_primary),
    Fault(0.70, "a replica is killed", _kill_replica),
    Fault(0.80, "the pooler's connections are cut", _cut_pooler),
)
"""The second half has each kind again, so that what a fault leaves behind shows there."""
