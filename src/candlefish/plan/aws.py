"""The same spec on AWS: what RDS, ElastiCache and ECS would be given, each number with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from candlefish.plan.model import Setting
from candlefish.plan.pgbouncer import POOLS_BUSY, SPARE_FILES, size_pools
from candlefish.plan.postgres import GIB, NodeSize, size_settings
from candlefish.plan.redis import FIXED as REDIS_FIXED
from candlefish.plan.redis import MAXMEMORY_RATIO
from candlefish.spec.check_aws import GP3_STRIPED_GB
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES
from candlefish.spec.model import Spec
from candlefish.spec.postgres_settings import in_base_unit, known_settings
from candlefish.units import render_ratio

POOLER_TASKS = 2
"""Two availability zones; each task must be able to serve all clients alone."""

POOLER_VCPU, POOLER_GB = "0.5", "1"
"""PgBouncer has one thread, and holds 10,000 clients in 64 MB (measured here)."""

FARGATE_OPEN_FILES = 65_535
"""The hard limit of a Fargate task (AWS, "Fargate task definition parameters": ulimits)."""

DATABASE_MEMORY_PART = 0.9
"""Of an instance's memory, as an estimate: RDS keeps some for itself, and gives a formula but no figure."""

NOT_ON_RDS = frozenset({
    "superuser_reserved_connections", "wal_log_hints", "log_line_prefix", "wal_receiver_status_interval",
    "wal_retrieve_retry_interval", "wal_receiver_timeout",
})  # fmt: skip
"""RDS decides these itself."""

AT_LEAST_AS_PRIMARY = ("max_connections", "max_worker_processes", "max_wal_senders", "max_locks_per_transaction")
"""A replica with fewer pauses its replay (PostgreSQL, "Hot Standby": Administrator's Overview)."""

ON_ELASTICACHE = ("tcp-keepalive", "slowlog-max-len", "lazyfree-lazy-eviction", "lazyfree-lazy-expire")
"""Of our Redis settings, those that a parameter group takes as they are."""

GP3_BASE, GP3_STRIPED = "3,000 IOPS, 125 MiB/s", "12,000 IOPS, 500 MiB/s"
"""What gp3 gives on RDS for PostgreSQL without asking, below and from 400 GB (Terraform AWS provider, issue 28382)."""


def explain_aws(spec: Spec) -> tuple[Setting, ...]:
    """Return what the spec means on AWS."""
    parts = (_database(spec), _parameters(spec), _cache(spec), _pooler(spec))
    return tuple(setting for part in parts for setting in part)


def rds_parameters(spec: Spec, instance_class: str) -> tuple[Setting, ...]:
    """Return the parameter group of an instance class, in the units that RDS counts in."""
    settings = size_settings(spec, _node_size(spec, instance_class))
    own = (_on_rds(spec, setting) for setting in settings if setting.name not in NOT_ON_RDS)
    return (*own, Setting("rds.force_ssl", "1", "no connection without TLS"))


def replica_parameters(spec: Spec) -> tuple[Setting, ...]:
    """Return the parameter group of the read replicas; what a standby needs as much of as its primary is raised."""
    primary = {setting.name: setting for setting in rds_parameters(spec, spec.postgres.instance_class)}
    return tuple(
        replace(setting, value=primary[setting.name].value, reason="no fewer than the primary's, or it stops replaying")
        if setting.name in AT_LEAST_AS_PRIMARY and float(setting.value) < float(primary[setting.name].value)
        else setting
        for setting in rds_parameters(spec, spec.postgres.replica_class)
    )


def _node_size(spec: Spec, instance_class: str) -> NodeSize:
    has = DATABASE_CLASSES[instance_class]
    busy = POOLER_TASKS * POOLS_BUSY * _per_task(size_pools(spec, FARGATE_OPEN_FILES).size)
    return NodeSize(int(has.memory_gib * GIB * DATABASE_MEMORY_PART), has.vcpus, busy)


def _on_rds(spec: Spec, setting: Setting) -> Setting:
    ratios = {
        "shared_buffers": spec.postgres.shared_buffers_ratio,
        "effective_cache_size": spec.postgres.effective_cache_size_ratio,
    }
    if setting.name in ratios:
        reason = f"{render_ratio(ratios[setting.name])} of what RDS leaves of the instance's memory"
        return Setting(setting.name, memory_formula(ratios[setting.name]), reason, "8kB")
    if setting.name == "wal_level":
        return Setting("rds.logical_replication", "1", f"sets wal_level = logical: {setting.reason}")
    return _in_rds_unit(setting)


def _per_task(connections: int) -> int:
    return max(1, connections // POOLER_TASKS)


def memory_formula(ratio: float) -> str:
    """Return a ratio of the instance's memory as RDS writes it: pages of 8 kB of {DBInstanceClassMemory} bytes."""
    part = Fraction(ratio).limit_denominator(100) / 8192
    return f"{{DBInstanceClassMemory{f'*{part.numerator}' if part.numerator > 1 else ''}/{part.denominator}}}"


def _in_rds_unit(setting: Setting) -> Setting:
    known = known_settings().get(setting.name.lower())
    if known is None:
        return setting
    if known.type == "bool":
        return Setting(
            setting.name, "1" if setting.value.lower() in ("on", "true", "yes", "1") else "0", setting.reason
        )
    if known.type in ("integer", "real"):
        value = in_base_unit(setting.name, setting.value)
        return Setting(setting.name, f"{value:.15g}", setting.reason, known.unit)
    return setting


def _database(spec: Spec) -> Iterator[Setting]:
    postgres = spec.postgres
    yield Setting("rds.instance_class", postgres.instance_class, _class_text(postgres.instance_class))
    standby = "a synchronous standby in a second zone, automatic failover; it serves no reads"
    yield Setting("rds.multi_az", _yes(postgres.multi_az), standby if postgres.multi_az else "declared: no standby")
    yield Setting("rds.storage", str(postgres.storage_gb), _storage_text(spec), "GB")
    yield Setting("rds.storage_encrypted", _yes(postgres.encrypted), "declared; can't be changed later")
    yield Setting("rds.backup_retention", str(postgres.backup_retention_days), "declared: any second of them", "days")
    yield Setting("rds.insights", "standard", "Database Insights: 7 days of statement statistics at no charge")
    yield Setting("replica.count", str(postgres.read_replicas), "declared: they serve candlefish_read")
    if postgres.read_replicas:
        yield Setting("replica.instance_class", postgres.replica_class, _class_text(postgres.replica_class))


def _class_text(name: str) -> str:
    has = DATABASE_CLASSES[name]
    return f"{has.vcpus} vCPU, {has.memory_gib:g} GiB"


def _storage_text(spec: Spec) -> str:
    kind, size, iops = spec.postgres.storage_type, spec.postgres.storage_gb, spec.postgres.iops
    if iops is not None:
        return f"{kind}, {iops:,} IOPS as declared"
    if kind == "gp3":
        return f"gp3, {GP3_STRIPED if size >= GP3_STRIPED_GB else GP3_BASE}"
    return f"{kind}, {max(100, 3 * size):,} IOPS: three for each GB"


def _parameters(spec: Spec) -> Iterator[Setting]:
    own = rds_parameters(spec, spec.postgres.instance_class)
    for setting in own:
        yield Setting(f"rds.parameter.{setting.name}", setting.value, setting.reason, setting.unit)
    if spec.postgres.read_replicas:
        values = {setting.name: setting.value for setting in own}
        for setting in replica_parameters(spec):
            if setting.value != values[setting.name]:
                yield Setting(f"replica.parameter.{setting.name}", setting.value, setting.reason, setting.unit)


def _cache(spec: Spec) -> Iterator[Setting]:
    redis = spec.redis
    has = CACHE_CLASSES[redis.instance_class]
    kept = round((1 - MAXMEMORY_RATIO) * 100)
    yield Setting("elasticache.node_type", redis.instance_class, f"{has.vcpus} vCPU, {has.memory_gib:g} GiB for data")
    yield Setting("elasticache.engine_version", redis.version, "declared; parameter family redis7")
    yield Setting("elasticache.nodes", str(redis.nodes), "declared: one primary, the others are replicas")
    failover = "a replica takes over" if redis.nodes > 1 else "there is no replica to take over"
    yield Setting("elasticache.automatic_failover", _yes(redis.nodes > 1), failover)
    yield Setting("elasticache.transit_encryption", "yes", "an auth token needs TLS; clients use rediss://")
    yield Setting(
        "elasticache.parameter.maxmemory-policy", redis.maxmemory_policy, "declared: what a full cache forgets"
    )
    yield Setting("elasticache.parameter.reserved-memory-percent", str(kept), "for replication and fork, as here", "%")
    slow_us = str(round(redis.slow_log * 1e6))
    yield Setting("elasticache.parameter.slowlog-log-slower-than", slow_us, "declared: slower commands are kept", "µs")
    for setting in REDIS_FIXED:
        if setting.name in ON_ELASTICACHE:
            yield Setting(f"elasticache.parameter.{setting.name}", setting.value, setting.reason, setting.unit)
    reason = "declared: a snapshot each day is all the persistence there is" if redis.persistence else "a cache"
    yield Setting("elasticache.snapshot_retention", "1" if redis.persistence else "0", reason, "days")


def _pooler(spec: Spec) -> Iterator[Setting]:
    pools = size_pools(spec, FARGATE_OPEN_FILES)
    each = f"{POOLER_TASKS} tasks share what one server allows"
    files = pools.max_clients + pools.max_server + SPARE_FILES
    yield Setting("ecs.pgbouncer.tasks", str(POOLER_TASKS), "one in each of two zones, behind a network load balancer")
    yield Setting("ecs.pgbouncer.cpu", POOLER_VCPU, "PgBouncer has one thread", "vCPU")
    yield Setting(
        "ecs.pgbouncer.memory", POOLER_GB, "64 MB with 10,000 clients, measured; the smallest for 0.5 vCPU", "GB"
    )
    yield Setting("ecs.pgbouncer.max_client_conn", str(pools.max_clients), "each task can serve all clients alone")
    yield Setting("ecs.pgbouncer.default_pool_size", str(_per_task(pools.size)), f"{pools.size}: {each}")
    yield Setting("ecs.pgbouncer.max_db_connections", str(_per_task(pools.max_server)), f"{pools.max_server}: {each}")
    yield Setting("ecs.pgbouncer.nofile", str(files), "clients and servers; the default of 1,024 makes clients hang")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
