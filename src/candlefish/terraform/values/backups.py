"""What backups.tf is given."""

from collections.abc import Iterator

from candlefish.spec.model import Spec
from candlefish.terraform.value import Value

SNAPSHOT_DAYS = 35
"""Five weekly snapshots: a month's restore test finds one, whichever day it falls on."""

RESTORE_HOURS = 4
"""Hours for which a restored database stays: a look in working time; it is charged like any other meanwhile."""


def backups_values(spec: Spec) -> Iterator[Value]:
    """Give how long backups stay, and where copies go."""
    copy = spec.aws.backup_copy_region
    yield Value("backup_retention_days", spec.postgres.backup_retention_days, "declared")
    yield Value("backup_copy_region", copy, "declared" if copy else "not declared: backups stay in the region")
    yield Value("snapshot_days", SNAPSHOT_DAYS, "five weekly snapshots: a monthly restore always finds one")
    yield Value("restore_hours", RESTORE_HOURS, "time to look at the restored database; charged like any other")
