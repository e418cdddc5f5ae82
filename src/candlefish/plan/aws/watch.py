"""What is watched besides the objectives: what a tier needs so that it can keep them tomorrow."""

from collections.abc import Iterator
from typing import Literal

from candlefish.plan.aws.alarm import COMPARISONS, NAMESPACES, PERIOD_S, Alarm, Missing, Subject
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES
from candlefish.spec.model import Spec

GIB = 1024**3

FREE_MEMORY_PART = 0.05
"""Of the instance's memory: FreeableMemory counts what the kernel could give back, so little of it is the end of it."""

SLOT_PART, WAL_PART = 0.1, 0.2
"""Of the volume: WAL that one slot holds back, and all WAL; either fills the disk when nobody looks."""

TRANSACTION_IDS = 1_000_000_000
"""Half of what there is; autovacuum begins at a fifth of this (AWS, "Implement an early warning system for transaction
ID wraparound in Amazon RDS for PostgreSQL")."""

ENGINE_CPU_PERCENT, ENGINE_VCPUS = 90, 4
"""What AWS advises ("Which metrics should I monitor?"): of the engine's thread; below 4 vCPUs as a part of all."""

MAX_CACHE_CLIENTS, CLIENTS_PART = 65_000, 0.8
"""`maxclients` of ElastiCache, which can't be changed, and the part from which somebody is told (as for PostgreSQL)."""

CACHE_LAG_S = 10
"""What a cache would lose at failover; usual is less than one second."""

LONG, SHORT = 5, 1
"""Minutes: what comes with a moment of load must last, what is wrong at once need not."""


def watch_besides(spec: Spec) -> Iterator[Alarm]:
    """Give the alarms that no objective asks for."""
    yield _memory("database", spec.postgres.instance_class)
    if spec.postgres.read_replicas:
        yield _memory("replica", spec.postgres.replica_class)
        yield _alarm(
            "replica-stopped",
            "replica",
            "ReplicaLag",
            "Minimum",
            "<",
            0,
            LONG,
            "-1: the replica does not replay at all",
        )
    yield from _wal(spec)
    yield from _cache(spec)
    yield from _service()


def _memory(subject: Literal["database", "replica"], instance_class: str) -> Alarm:
    limit = DATABASE_CLASSES[instance_class].memory_gib * GIB * FREE_MEMORY_PART
    reason = f"bytes, 5 % of {instance_class}: before the kernel ends a backend, and the database restarts"
    return _alarm(f"{subject}-memory", subject, "FreeableMemory", "Minimum", "<", limit, LONG, reason)


def _wal(spec: Spec) -> Iterator[Alarm]:
    volume = spec.postgres.storage_gb * GIB
    yield _alarm(
        "database-slot-lag", "database", "OldestReplicationSlotLag", "Maximum", ">", volume * SLOT_PART, LONG,
        "bytes of WAL that a replica or a reader of changes has not taken: a tenth of the volume",
    )  # fmt: skip
    yield _alarm(
        "database-wal", "database", "TransactionLogsDiskUsage", "Maximum", ">", volume * WAL_PART, LONG,
        "bytes of WAL: a fifth of the volume",
    )  # fmt: skip
    yield _alarm(
        "database-transaction-ids", "database", "MaximumUsedTransactionIDs", "Maximum", ">", TRANSACTION_IDS, LONG,
        "half of the transaction ids are used: vacuum does not keep up, and at the end the database refuses writes",
    )  # fmt: skip


def _cache(spec: Spec) -> Iterator[Alarm]:
    vcpus = CACHE_CLASSES[spec.redis.instance_class].vcpus
    if vcpus >= ENGINE_VCPUS:
        metric, limit, reason = "EngineCPUUtilization", ENGINE_CPU_PERCENT, "percent of the engine's one thread"
    else:
        metric, limit = "CPUUtilization", ENGINE_CPU_PERCENT // vcpus
        reason = f"percent of {vcpus} vCPUs, of which the engine uses one"
    yield _alarm("cache-cpu", "cache", metric, "Average", ">", limit, LONG, reason)
    yield _alarm(
        "cache-connections", "cache", "CurrConnections", "Maximum", ">", MAX_CACHE_CLIENTS * CLIENTS_PART, SHORT,
        f"of {MAX_CACHE_CLIENTS:,}, which ElastiCache fixes: more are turned away",
    )  # fmt: skip
    if spec.redis.nodes > 1:
        yield _alarm(
            "cache-replication-lag", "cache", "ReplicationLag", "Maximum", ">", CACHE_LAG_S, LONG,
            "seconds of writes that a failover would lose; the primary has none", "notBreaching",
        )  # fmt: skip


def _service() -> Iterator[Alarm]:
    yield _alarm(
        "balancer-healthy", "balancer", "HealthyHostCount", "Minimum", "<", 1, SHORT,
        "no pooler answers: neither does the database, for applications; no data is the same", "breaching",
    )  # fmt: skip
    yield _alarm(
        "balancer-unhealthy", "balancer", "UnHealthyHostCount", "Maximum", ">", 0, LONG,
        "a pooler that does not answer and was not replaced within minutes", "notBreaching",
    )  # fmt: skip
    yield _alarm(
        "rotation-not-started", "rotation", "ApproximateNumberOfMessagesVisible", "Maximum", ">", 0, SHORT,
        "the schedule could not start the task that replaces passwords; the queue holds the answer of ECS",
        "notBreaching",
    )  # fmt: skip


def _alarm(
    name: str, subject: Subject, metric: str, statistic: str, comparison: str, threshold: float, minutes: int,
    reason: str, missing: Missing = "missing",
) -> Alarm:  # fmt: skip
    return Alarm(
        name, "", subject, NAMESPACES[subject], metric, statistic, COMPARISONS[comparison], round(threshold),
        PERIOD_S, minutes, missing, reason,
    )  # fmt: skip
