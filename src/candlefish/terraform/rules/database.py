"""RDS for PostgreSQL: instances, their storage and their read replicas."""

import re
from collections.abc import Iterator
from typing import Any

from candlefish.results import Finding
from candlefish.spec.check_aws import GP3_STRIPED_GB, IOPS, STORAGE_GB
from candlefish.terraform.rules.finding import doubtful, number, wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

MAX_REPLICAS = 15
"""Of one instance."""

MAX_RETENTION_DAYS = 35

FROM_SOURCE = ("engine", "username", "password", "db_name", "manage_master_user_password", "character_set_name")
"""What a replica has from its source: CreateDBInstanceReadReplica does not take it."""

INSIGHTS_DAYS = {7, 731, *(31 * months for months in range(1, 24))}
ADVANCED_DAYS = 465
"""What Database Insights in advanced mode asks for."""

_IDENTIFIER = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,61}[a-zA-Z0-9]|[a-zA-Z]")


def is_replica(instance: Resource) -> bool:
    """Say whether an instance copies another one."""
    return instance.is_given("replicate_source_db")


def check_storage(planned: Planned) -> Iterator[Finding]:
    """Find volumes that RDS does not have."""
    for instance in planned.of("aws_db_instance"):
        kind, size = instance.get("storage_type"), number(instance.get("allocated_storage"))
        if kind not in STORAGE_GB:
            continue
        smallest, largest = STORAGE_GB[kind]
        if size is not None and not smallest <= size <= largest:
            yield wrong(instance, "allocated_storage", f"{size:g} GiB on {kind}: from {smallest} to {largest}")
        yield from _check_iops(instance, kind, size)


def _check_iops(instance: Resource, kind: str, size: float | None) -> Iterator[Finding]:
    iops = number(instance.get("iops"))
    if kind == "gp3" and size is not None and size < GP3_STRIPED_GB:
        for argument in ("iops", "storage_throughput"):
            if instance.get(argument):
                message = f"{instance.get(argument)} on gp3 with {size:g} GiB"
                yield wrong(instance, argument, message, f"leave it away below {GP3_STRIPED_GB} GiB")
    elif kind == "gp2" and iops:
        yield wrong(instance, "iops", f"{iops:g} on gp2, which has IOPS by its size", "leave it away, or use gp3")
    elif kind in ("io1", "io2") and not instance.is_given("iops"):
        yield wrong(instance, "iops", f"{kind} without IOPS", "say how many")
    elif kind in IOPS and iops and not IOPS[kind][0] <= iops <= IOPS[kind][1]:
        yield wrong(instance, "iops", f"{iops:g} on {kind}: from {IOPS[kind][0]} to {IOPS[kind][1]}")
    if kind != "gp3" and instance.get("storage_throughput"):
        yield wrong(instance, "storage_throughput", f"given on {kind}: it is gp3's alone")


def check_replicas(planned: Planned) -> Iterator[Finding]:
    """Find replicas that can't be made."""
    copies: dict[str, list[Resource]] = {}
    for replica in filter(is_replica, planned.of("aws_db_instance")):
        for argument in FROM_SOURCE:
            if replica.is_given(argument):
                yield wrong(replica, argument, "given for a read replica, which has it from its source")
        if replica.is_written("password_wo"):
            yield wrong(replica, "password_wo", "given for a read replica, which has the roles of its source")
        for source in planned.linked(replica, "replicate_source_db", "aws_db_instance"):
            copies.setdefault(source.address, []).append(replica)
    for source in planned.of("aws_db_instance"):
        if found := copies.get(source.address):
            yield from _check_source(source, found)


def _check_source(source: Resource, replicas: list[Resource]) -> Iterator[Finding]:
    if len(replicas) > MAX_REPLICAS:
        yield wrong(source, "", f"{len(replicas)} read replicas: at most {MAX_REPLICAS}")
    retention = number(source.get("backup_retention_period"))
    if retention == 0:
        message = f"0 with {len(replicas)} read replicas, which RDS makes from a backup"
        yield wrong(source, "backup_retention_period", message, "at least 1")
    if source.get("manage_master_user_password"):
        message = "true, and the instance has read replicas: for PostgreSQL RDS refuses to make them"
        yield wrong(source, "manage_master_user_password", message, "use password_wo")
    for replica in replicas:
        if source.get("storage_encrypted") is False and replica.get("storage_encrypted"):
            yield wrong(replica, "storage_encrypted", "an encrypted replica of an instance that is not")


def check_durability(planned: Planned) -> Iterator[Finding]:
    """Find what would lose data, or the service, with one failure or one command."""
    for instance in planned.of("aws_db_instance"):
        if not is_replica(instance):
            yield from _check_failover(instance)
        yield from _check_deletion(instance)


def _check_failover(instance: Resource) -> Iterator[Finding]:
    if instance.get("multi_az") is not True and not instance.is_unknown("multi_az"):
        yield doubtful(instance, "multi_az", "no standby: a failure of its zone is a failure of the database")
    retention = number(instance.get("backup_retention_period"))
    if retention is None and not instance.is_unknown("backup_retention_period"):
        yield doubtful(instance, "backup_retention_period", "not given: RDS keeps backups for one day, or none")
    elif retention == 0:
        yield doubtful(instance, "backup_retention_period", "0: there are no backups")
    elif retention is not None and not 0 < retention <= MAX_RETENTION_DAYS:
        yield wrong(instance, "backup_retention_period", f"{retention:g} days: at most {MAX_RETENTION_DAYS}")


def _check_deletion(instance: Resource) -> Iterator[Finding]:
    if instance.get("deletion_protection") is not True and not is_replica(instance):
        yield doubtful(instance, "deletion_protection", "off: `terraform destroy` deletes the database")
    skips, name = instance.get("skip_final_snapshot"), instance.get("final_snapshot_identifier")
    if skips and not is_replica(instance):
        yield doubtful(instance, "skip_final_snapshot", "true: a deleted instance leaves nothing behind")
    if not skips and not instance.is_given("final_snapshot_identifier"):
        message = "missing: without a name for the last snapshot the instance can't be deleted"
        yield wrong(instance, "final_snapshot_identifier", message, "name it, or skip_final_snapshot for a replica")
    if isinstance(name, str) and not re.fullmatch(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,253}[a-zA-Z0-9]", name):
        yield wrong(instance, "final_snapshot_identifier", f"{name!r}: letters, digits and single hyphens")


def check_exposure(planned: Planned) -> Iterator[Finding]:
    """Find instances that can be reached or read by others."""
    for instance in planned.of("aws_db_instance"):
        if instance.get("publicly_accessible"):
            yield wrong(instance, "publicly_accessible", "true: the database has a public address")
        encrypted = instance.get("storage_encrypted")
        if encrypted is False or (encrypted is None and not is_replica(instance)):
            yield wrong(instance, "storage_encrypted", "off, and it can't be turned on later")


def check_names(planned: Planned) -> Iterator[Finding]:
    """Find identifiers that RDS refuses."""
    for instance in planned.of("aws_db_instance"):
        name = instance.get("identifier")
        if isinstance(name, str) and not _IDENTIFIER.fullmatch(name):
            message = f"{name!r}: 1 to 63 letters, digits and single hyphens, beginning with a letter"
            yield wrong(instance, "identifier", message)


def check_insights(planned: Planned) -> Iterator[Finding]:
    """Find modes and retentions of Database Insights that do not go together."""
    for instance in planned.of("aws_db_instance"):
        days: Any = instance.get("performance_insights_retention_period")
        argument = "performance_insights_retention_period"
        if isinstance(days, int) and days and days not in INSIGHTS_DAYS:
            yield wrong(instance, argument, f"{days} days: 7, 731 or a multiple of 31")
        if instance.get("database_insights_mode") == "advanced" and isinstance(days, int) and days < ADVANCED_DAYS:
            yield wrong(instance, argument, f"{days} days in advanced mode, which needs {ADVANCED_DAYS}")


RULES = (
    Rule(
        "rds-storage",
        "AWS, 'Amazon RDS DB instance storage'; gp3 below 400 GiB: hashicorp/terraform-provider-aws issue 28382",
        check_storage,
    ),
    Rule(
        "rds-replica",
        "RDS API, CreateDBInstanceReadReplica (15 replicas, backup retention above 0) and CreateDBInstance; managed "
        "passwords: AWS, 'Password management with Amazon RDS and AWS Secrets Manager'",
        check_replicas,
    ),
    Rule(
        "rds-durability",
        "RDS API, CreateDBInstance (BackupRetentionPeriod 0 to 35, MultiAZ) and DeleteDBInstance (final snapshot); "
        "plan/objectives.py: failover_lost_writes",
        check_durability,
    ),
    Rule("rds-exposure", "RDS API, CreateDBInstance (PubliclyAccessible, StorageEncrypted)", check_exposure),
    Rule("rds-identifier", "RDS API, CreateDBInstance (DBInstanceIdentifier)", check_names),
    Rule(
        "rds-insights",
        "RDS API, CreateDBInstance (PerformanceInsightsRetentionPeriod); 465 days: aws/aws-cdk pull request 32851",
        check_insights,
    ),
)
