"""The same spec on AWS: what RDS, ElastiCache and ECS would be given, each number with its reason."""

from collections.abc import Iterator

from candlefish.plan.aws.cache import ON_ELASTICACHE
from candlefish.plan.aws.database import rds_parameters, replica_parameters, storage_text
from candlefish.plan.aws.pooler import make_pooler
from candlefish.plan.model import Setting
from candlefish.plan.redis import FIXED as REDIS_FIXED
from candlefish.plan.redis import MAXMEMORY_RATIO
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES
from candlefish.spec.model import Spec


def explain_aws(spec: Spec) -> tuple[Setting, ...]:
    """Return what the spec means on AWS."""
    parts = (_database(spec), _parameters(spec), _cache(spec), _pooler(spec))
    return tuple(setting for part in parts for setting in part)


def _database(spec: Spec) -> Iterator[Setting]:
    postgres = spec.postgres
    yield Setting("rds.instance_class", postgres.instance_class, _class_text(postgres.instance_class))
    standby = "a synchronous standby in a second zone, automatic failover; it serves no reads"
    yield Setting("rds.multi_az", _yes(postgres.multi_az), standby if postgres.multi_az else "declared: no standby")
    yield Setting("rds.storage", str(postgres.storage_gb), storage_text(spec), "GB")
    yield Setting("rds.storage_encrypted", _yes(postgres.encrypted), "declared; can't be changed later")
    yield Setting("rds.backup_retention", str(postgres.backup_retention_days), "declared: any second of them", "days")
    yield Setting("rds.insights", "standard", "Database Insights: 7 days of statement statistics at no charge")
    yield Setting("replica.count", str(postgres.read_replicas), "declared: they serve candlefish_read")
    if postgres.read_replicas:
        yield Setting("replica.instance_class", postgres.replica_class, _class_text(postgres.replica_class))


def _class_text(name: str) -> str:
    has = DATABASE_CLASSES[name]
    return f"{has.vcpus} vCPU, {has.memory_gib:g} GiB"


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
    pooler = make_pooler(spec)
    yield Setting("ecs.pgbouncer.tasks", str(pooler.tasks), "declared: in different zones, behind a load balancer")
    yield Setting("ecs.pgbouncer.max_tasks", str(pooler.max_tasks), "declared: where autoscaling ends")
    yield Setting("ecs.pgbouncer.cpu", f"{pooler.vcpu:g}", "PgBouncer has one thread", "vCPU")
    reason = "64 MB with 10,000 clients, measured; the smallest for 0.5 vCPU"
    yield Setting("ecs.pgbouncer.memory", f"{pooler.memory_gb:g}", reason, "GB")
    for setting in pooler.settings:
        yield Setting(f"ecs.pgbouncer.{setting.name}", setting.value, setting.reason, setting.unit)
    reason = "clients and servers; the default of 1,024 makes clients hang"
    yield Setting("ecs.pgbouncer.nofile", str(pooler.open_files), reason)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
