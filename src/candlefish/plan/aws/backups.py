"""Backups besides RDS's own: the weekly snapshots, and the restore that is tried every month."""

SNAPSHOT_DAYS = 35
"""Five weekly snapshots: a month's restore test finds one, whichever day it falls on."""

RESTORE_HOURS = 4
"""Hours for which a restored database stays: a look in working time; it is charged like any other meanwhile."""
