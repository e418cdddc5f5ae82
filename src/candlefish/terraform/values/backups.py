"""What backups.tf is given."""

from collections.abc import Iterator

from candlefish.plan.aws.backups import RESTORE_HOURS, SNAPSHOT_DAYS
from candlefish.spec.model import Spec
from candlefish.terraform.value import Value


def backups_values(spec: Spec) -> Iterator[Value]:
    """Give how long backups stay, and where copies go."""
    copy = spec.aws.backup_copy_region
    yield Value("backup_retention_days", spec.postgres.backup_retention_days, "declared")
    yield Value("backup_copy_region", copy, "declared" if copy else "not declared: backups stay in the region")
    yield Value("snapshot_days", SNAPSHOT_DAYS, "five weekly snapshots: a monthly restore always finds one")
    yield Value("restore_hours", RESTORE_HOURS, "time to look at the restored database; charged like any other")
