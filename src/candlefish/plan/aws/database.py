"""RDS for PostgreSQL: the storage, and the parameter groups in the units that RDS counts in."""

from dataclasses import dataclass, replace
from fractions import Fraction

from candlefish.plan.aws.pooler import make_pooler
from candlefish.plan.aws.static_parameters import DEFAULT_ON_RDS, STATIC, STATIC_ON_RDS
from candlefish.plan.model import Setting
from candlefish.plan.pgbouncer import POOLS_BUSY
from candlefish.plan.postgres import GIB, NodeSize, size_settings
from candlefish.spec.check_aws import GP3_STRIPED_GB, STORAGE_GB
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import Spec
from candlefish.spec.postgres_settings import in_base_unit, known_settings
from candlefish.units import render_ratio

DATABASE_MEMORY_PART = 0.9
"""Of an instance's memory, as an estimate: RDS keeps some for itself, and gives a formula but no figure."""

NOT_ON_RDS = frozenset({
    "superuser_reserved_connections", "wal_log_hints", "log_line_prefix", "wal_receiver_status_interval",
    "wal_retrieve_retry_interval",
})  # fmt: skip
"""RDS decides these itself: the first three are not modifiable there (seen for Aurora, which shares the families' core:
Aurora User Guide, "Amazon Aurora PostgreSQL parameters"). For the others nobody was found who had set them on RDS, and
a parameter that can't be set fails the whole apply; wal_receiver_timeout is set in public modules."""

AT_LEAST_AS_PRIMARY = (
    "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions",
    "max_locks_per_transaction",
)  # fmt: skip
"""A replica with fewer pauses its replay (PostgreSQL, "Hot Standby": Administrator's Overview)."""

GROWTH = 2
"""How far RDS may let the storage grow by itself, as a multiple: it never shrinks again, so that somebody is asked."""

LEAST_GROWTH = 1.1
"""What RDS wants at least (AWS, "Managing capacity automatically with Amazon RDS storage autoscaling")."""

GP3_BASE, GP3_STRIPED = "3,000 IOPS, 125 MiB/s", "12,000 IOPS, 500 MiB/s"
"""What gp3 gives on RDS for PostgreSQL without asking, below and from 400 GB (Terraform AWS provider, issue 28382)."""


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


def differing_replica_parameters(spec: Spec) -> tuple[Setting, ...]:
    """Return the replicas' parameters that are not the primary's."""
    primary = {setting.name: setting.value for setting in rds_parameters(spec, spec.postgres.instance_class)}
    return tuple(setting for setting in replica_parameters(spec) if setting.value != primary[setting.name])


def static_parameters(spec: Spec) -> tuple[str, ...]:
    """Return the names of the parameters that wait for a restart, or have the value that RDS gives them anyway."""
    settings = rds_parameters(spec, spec.postgres.instance_class)
    return tuple(
        setting.name
        for setting in settings
        if setting.name in STATIC | STATIC_ON_RDS or DEFAULT_ON_RDS.get(setting.name) == setting.value
    )


def _node_size(spec: Spec, instance_class: str) -> NodeSize:
    has = DATABASE_CLASSES[instance_class]
    pooler = make_pooler(spec)
    busy = POOLS_BUSY * pooler.tasks * pooler.pool_size
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


def storage_text(spec: Spec) -> str:
    """Return what the storage gives, in words."""
    kind, size, iops = spec.postgres.storage_type, spec.postgres.storage_gb, spec.postgres.iops
    if iops is not None:
        return f"{kind}, {iops:,} IOPS as declared"
    if kind == "gp3":
        return f"gp3, {GP3_STRIPED if size >= GP3_STRIPED_GB else GP3_BASE}"
    return f"{kind}, {max(100, 3 * size):,} IOPS: three for each GB"


@dataclass(frozen=True, slots=True)
class Storage:
    """What `aws_db_instance` is given: GB, how far it may grow by itself, the type, and IOPS where they may be given.

    `max_gb` is None where it can't grow. The throughput of gp3 is not chosen: it comes with the volume.
    """

    size_gb: int
    max_gb: int | None
    kind: str
    iops: int | None


def size_storage(spec: Spec) -> Storage:
    """Return the primary's volume; each replica has one of the same size."""
    postgres = spec.postgres
    size = postgres.storage_gb
    most = min(GROWTH * size, STORAGE_GB[postgres.storage_type][1])
    return Storage(size, most if most >= size * LEAST_GROWTH else None, postgres.storage_type, postgres.iops)
