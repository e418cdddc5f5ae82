"""RDS for PostgreSQL: instances, volumes, IOPS beyond what the storage gives, backups beyond what is free."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.plan.aws.backups import RESTORE_HOURS
from candlefish.plan.aws.database import size_storage
from candlefish.spec.model import Spec

GP3_FREE_IOPS = 12_000
"""What a striped gp3 volume gives without charge (Terraform AWS provider, issue 28382; Infracost's test of it)."""


def price_database(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of RDS."""
    postgres = spec.postgres
    zones = "multi" if postgres.multi_az else "single"
    yield _instances(snapshot, "rds.primary", postgres.instance_class, 1, zones)
    if postgres.read_replicas:
        yield _instances(snapshot, "rds.replicas", postgres.replica_class, postgres.read_replicas, "single")
    yield _storage(spec, snapshot, zones)
    if (iops := _iops(spec, snapshot, zones)) is not None:
        yield iops
    if postgres.backup_retention_days:
        yield _backup(spec, snapshot)
        yield _restore_test(spec, snapshot)


def _instances(snapshot: Snapshot, line_id: str, name: str, count: int, zones: str) -> Line:
    words = {"multi": "Multi-AZ", "single": "Single-AZ"}[zones]
    row = require_row(snapshot, f"rds.postgres.{name}.{zones}", f"{name} PostgreSQL {words}")
    what = {"rds.primary": f"primary, {name}", "rds.replicas": f"read replicas, {count} x {name}"}[line_id]
    charge = Charge(count * HOURS_PER_MONTH, row, f"{count} x {HOURS_PER_MONTH} h")
    return Line(line_id, "database", f"{what}, {words}" if zones == "multi" else what, (charge,))


def _storage(spec: Spec, snapshot: Snapshot, zones: str) -> Line:
    volume, replicas = size_storage(spec), spec.postgres.read_replicas
    wanted = [(1, zones, "primary and standby" if zones == "multi" else "primary"), (replicas, "single", "replicas")]
    charges = tuple(
        Charge(
            count * volume.size_gb,
            require_row(snapshot, f"rds.storage.{volume.kind}.{kind}", f"{volume.kind} storage ({kind}-AZ) of RDS"),
            f"{who}: {count} x {volume.size_gb} GB",
        )
        for count, kind, who in wanted
        if count
    )
    return Line("rds.storage", "database", f"{volume.kind} storage, {volume.size_gb} GB each", charges)


def _iops(spec: Spec, snapshot: Snapshot, zones: str) -> Line | None:
    volume, replicas = size_storage(spec), spec.postgres.read_replicas
    free = GP3_FREE_IOPS if volume.kind == "gp3" else 0
    paid = (volume.iops or 0) - free
    if paid <= 0:
        return None
    charges = tuple(
        Charge(
            count * paid,
            require_row(snapshot, f"rds.iops.{volume.kind}.{kind}", f"{volume.kind} IOPS ({kind}-AZ) of RDS"),
            f"{count} x ({volume.iops:,} - {free:,} free)" if free else f"{count} x {volume.iops:,}",
        )
        for count, kind in ((1, zones), (replicas, "single"))
        if count
    )
    return Line("rds.iops", "database", "provisioned IOPS", charges)


def _backup(spec: Spec, snapshot: Snapshot) -> Line:
    free = float(spec.postgres.storage_gb * (1 + spec.postgres.read_replicas))
    charge = Charge(
        spec.usage.backup_gb,
        require_row(snapshot, "rds.backup", "backup storage of RDS"),
        f"{spec.usage.backup_gb:g} GB, of which {free:g} GB are free",
        free=free,
    )
    return Line(
        "rds.backup",
        "database",
        f"backups, {spec.postgres.backup_retention_days} days",
        (charge,),
        "backup_gb",
        "free up to all storage that the region's instances have; beyond it grows with writes and days kept",
    )


def _restore_test(spec: Spec, snapshot: Snapshot) -> Line:
    name, volume = spec.postgres.instance_class, size_storage(spec)
    instance = require_row(snapshot, f"rds.postgres.{name}.single", f"{name} PostgreSQL Single-AZ")
    storage = require_row(snapshot, f"rds.storage.{volume.kind}.single", f"{volume.kind} storage of RDS")
    months = RESTORE_HOURS / HOURS_PER_MONTH
    charges = (
        Charge(RESTORE_HOURS, instance, f"1 x {RESTORE_HOURS} h"),
        Charge(months * volume.size_gb, storage, f"{volume.size_gb} GB for {RESTORE_HOURS} h"),
    )
    what = f"a restore every month, {name} for {RESTORE_HOURS} h"
    return Line("rds.restore_test", "database", what, charges, assumption="until its window to look at it ends")
