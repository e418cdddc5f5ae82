"""How the tier's memory is shared among its programs."""

from dataclasses import dataclass

from candlefish.plan.machine import Machine
from candlefish.spec.model import Spec

MIB = 1024**2

PATRONI_BYTES = 60 * MIB
ETCD_BYTES = 60 * MIB
PGBOUNCER_BYTES = 64 * MIB
SUPERVISOR_BYTES = 100 * MIB
SENTINEL_BYTES = 10 * MIB
REDIS_BYTES = 10 * MIB
POSTGRES_BYTES = 60 * MIB
"""What each program takes before it holds data: resident sizes on Debian 12, rounded up (Patroni 56 MB, supervisord 17
and the follower 79, PgBouncer 64 with 10,000 clients; PostgreSQL: its processes, buffers apart)."""

POSTGRES_PART = 0.8
"""Of the memory that is left for data: the database's part. Redis gets the rest. A cached row is smaller than
the pages, index and sort space that answer the query behind it."""

MIN_POSTGRES_SHARE_BYTES = 256 * MIB
MIN_REDIS_SHARE_BYTES = 32 * MIB
"""Below this a node does not do its work; a machine with less is refused by the engines."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: all that the tier may use, what its programs take at once, and the share of each node."""

    total_bytes: int
    programs_bytes: int
    postgres_share_bytes: int
    redis_share_bytes: int


def usable_memory(spec: Spec, machine: Machine) -> int:
    """Return the bytes of this machine that the tier counts on: what is declared, if the machine has so much."""
    return min(spec.machine.memory or machine.memory_bytes, machine.memory_bytes)


def share_memory(spec: Spec, machine: Machine, sentinels: int) -> Memory:
    """Split the tier's memory: programs first, then PostgreSQL and Redis, each evenly over its nodes."""
    total = int(usable_memory(spec, machine) * spec.machine.memory_ratio)
    programs = (
        spec.postgres.nodes * PATRONI_BYTES
        + sentinels * SENTINEL_BYTES
        + spec.redis.nodes * REDIS_BYTES
        + ETCD_BYTES
        + PGBOUNCER_BYTES
        + SUPERVISOR_BYTES
    )
    data = max(0, total - programs)
    redis_share = int(data * (1 - POSTGRES_PART)) // spec.redis.nodes
    if spec.redis.maxmemory is not None:
        redis_share = spec.redis.maxmemory
    postgres_share = (data - redis_share * spec.redis.nodes) // spec.postgres.nodes
    return Memory(
        total,
        programs,
        max(MIN_POSTGRES_SHARE_BYTES, postgres_share),
        max(MIN_REDIS_SHARE_BYTES, redis_share),
    )
