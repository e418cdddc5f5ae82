"""The same spec on AWS: what RDS, ElastiCache and ECS would be given, each number with its reason."""

from collections.abc import Iterator

from candlefish.errors import UsageError
from candlefish.plan.aws.alarms import make_alarms
from candlefish.plan.aws.cache import plan_cache
from candlefish.plan.aws.database import rds_parameters, replica_parameters, storage_text
from candlefish.plan.aws.pooler import connections_alert, make_pooler
from candlefish.plan.model import Setting
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES
from candlefish.spec.model import Spec


def explain_aws(spec: Spec) -> tuple[Setting, ...]:
    """Return what the spec means on AWS; where it can't be built there, why not."""
    try:
        make_pooler(spec)
    except UsageError as error:
        return (Setting("aws", "not possible", f"{error.message} ({error.detail})"),)
    parts = (_database(spec), _parameters(spec), _cache(spec), _pooler(spec), _alarms(spec))
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
    redis, group = spec.redis, plan_cache(spec)
    has = CACHE_CLASSES[group.node_type]
    yield Setting("elasticache.node_type", group.node_type, f"{has.vcpus} vCPU, {has.memory_gib:g} GiB for data")
    yield Setting("elasticache.engine", group.engine, "declared")
    yield Setting("elasticache.engine_version", group.version, f"declared; parameter family {group.family}")
    yield Setting("elasticache.shards", str(group.shards), "declared: cluster mode" if group.sharded else "declared")
    yield Setting("elasticache.nodes", str(redis.nodes), "declared: one primary, the others are replicas")
    failover = "a replica takes over" if group.replicas else "there is no replica to take over"
    yield Setting("elasticache.automatic_failover", _yes(group.replicas > 0), failover)
    yield Setting("elasticache.transit_encryption", "yes", "an auth token needs TLS; clients use rediss://")
    for setting in group.parameters:
        yield Setting(f"elasticache.parameter.{setting.name}", setting.value, setting.reason, setting.unit)
    reason = "declared: a snapshot each day is all the persistence there is" if redis.persistence else "a cache"
    yield Setting("elasticache.snapshot_retention", str(group.snapshot_days), reason, "days")


def _pooler(spec: Spec) -> Iterator[Setting]:
    pooler = make_pooler(spec)
    yield Setting("ecs.pgbouncer.tasks", str(pooler.tasks), "declared: in different zones, behind a load balancer")
    yield Setting("ecs.pgbouncer.max_tasks", str(pooler.max_tasks), "declared: where autoscaling ends")
    yield Setting(
        "ecs.pgbouncer.most_tasks", str(pooler.most_tasks), "at once, during a deployment at full autoscaling"
    )
    yield Setting("ecs.pgbouncer.cpu", f"{pooler.vcpu:g}", "PgBouncer has one thread", "vCPU")
    reason = "64 MB with 10,000 clients, measured; the smallest for 0.5 vCPU"
    yield Setting("ecs.pgbouncer.memory", f"{pooler.memory_gb:g}", reason, "GB")
    for setting in pooler.settings:
        yield Setting(f"ecs.pgbouncer.{setting.name}", setting.value, setting.reason, setting.unit)
    yield Setting("ecs.pgbouncer.nofile", str(pooler.open_files), pooler.open_files_reason)
    told = f"from {connections_alert(spec)} on somebody is told"
    yield Setting("ecs.pgbouncer.most_on_primary", str(pooler.most_on_primary), f"all tasks together; {told}")
    if pooler.most_on_replica:
        yield Setting("ecs.pgbouncer.most_on_replica", str(pooler.most_on_replica), f"all tasks together; {told}")


def _alarms(spec: Spec) -> Iterator[Setting]:
    for alarm in make_alarms(spec):
        yield Setting(f"alarm.{alarm.name}", f"{alarm.threshold:.15g}", f"{alarm.metric}: {alarm.reason}")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
