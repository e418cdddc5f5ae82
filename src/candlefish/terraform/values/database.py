"""What rds-postgresql.tf is given."""

from collections.abc import Iterator

from candlefish.plan.aws.database import (
    differing_replica_parameters,
    rds_parameters,
    size_storage,
    static_parameters,
    storage_text,
)
from candlefish.plan.model import Setting
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import Spec
from candlefish.terraform.value import Reasoned, Value


def database_values(spec: Spec) -> Iterator[Value]:
    """Give the servers, their storage and their settings."""
    postgres = spec.postgres
    yield Value("database", spec.database, "declared")
    yield Value("postgres_version", str(postgres.version), "declared")
    yield Value("database_class", postgres.instance_class, f"declared: {_class_text(postgres.instance_class)}")
    yield Value("multi_az", postgres.multi_az, "declared")
    yield Value("replica_class", postgres.replica_class, f"declared: {_class_text(postgres.replica_class)}")
    yield Value("replica_count", postgres.read_replicas, "declared")
    yield from _storage(spec)
    yield Value("postgres_parameters", _map(rds_parameters(spec, postgres.instance_class)), "in the units of RDS")
    differing = differing_replica_parameters(spec) if postgres.read_replicas else ()
    yield Value("replica_parameters", _map(differing), f"other than the primary's, for {postgres.replica_class}")
    yield Value(
        "postgres_static_parameters",
        static_parameters(spec),
        "read only when PostgreSQL starts, or RDS's own values: AWS reports both so",
    )
    yield from _end(spec)


def _storage(spec: Spec) -> Iterator[Value]:
    storage = size_storage(spec)
    yield Value("storage_gb", storage.size_gb, "declared")
    why = "twice as much at the most: it never shrinks again" if storage.max_gb else "it is as large as there is"
    yield Value("storage_max_gb", storage.max_gb, why)
    yield Value("storage_type", storage.kind, f"declared: {storage_text(spec)}")
    yield Value("storage_iops", storage.iops, "declared" if storage.iops else "what the storage type gives")
    yield Value("storage_encrypted", spec.postgres.encrypted, "declared; can't be changed later")


def _end(spec: Spec) -> Iterator[Value]:
    if spec.aws.deletion_protection:
        yield Value("final_snapshot", True, "its own switch: it stays on when deletion_protection is turned off here")
    else:
        yield Value("final_snapshot", False, "no deletion protection is declared: nothing stays")


def _class_text(name: str) -> str:
    has = DATABASE_CLASSES[name]
    return f"{has.vcpus} vCPU, {has.memory_gib:g} GiB"


def _map(settings: tuple[Setting, ...]) -> dict[str, Reasoned]:
    return {setting.name: Reasoned(setting.value, _reason(setting)) for setting in settings}


def _reason(setting: Setting) -> str:
    return f"{setting.unit}: {setting.reason}" if setting.unit else setting.reason
