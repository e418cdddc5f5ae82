"""Backup, snapshot and maintenance windows: long enough, and apart from each other."""

import re
from collections.abc import Iterator

from candlefish.results import Finding
from candlefish.terraform.rules.finding import wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY
"""Minutes."""

_DAILY = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_WEEKLY = re.compile(r"(\w{3}):(\d\d):(\d\d)-(\w{3}):(\d\d):(\d\d)", re.IGNORECASE)

RDS_MINUTES, CACHE_MINUTES = 30, 60
"""The shortest windows (API references: CreateDBInstance, CreateReplicationGroup)."""

Window = tuple[int, int]
"""The minute of the week, or of the day, at which it begins, and its length."""


def check_windows(planned: Planned) -> Iterator[Finding]:
    """Find windows that AWS refuses."""
    for instance in planned.of("aws_db_instance"):
        yield from _check(instance, "backup_window", "maintenance_window", RDS_MINUTES)
    for group in planned.of("aws_elasticache_replication_group"):
        yield from _check(group, "snapshot_window", "maintenance_window", CACHE_MINUTES)


def _check(resource: Resource, daily: str, weekly: str, shortest: int) -> Iterator[Finding]:
    windows = {daily: _read_daily(resource.get(daily)), weekly: _read_weekly(resource.get(weekly))}
    for argument, window in windows.items():
        value = resource.get(argument)
        if value and window is None:
            yield wrong(resource, argument, f"{value!r} is not a window such as 02:00-03:00 or sun:04:00-sun:05:00")
        elif window and window[1] < shortest:
            yield wrong(resource, argument, f"{value} is {window[1]} minutes long: at least {shortest}")
    day, week = windows[daily], windows[weekly]
    if day and week and _overlap(day, week):
        first, second = resource.get(daily), resource.get(weekly)
        yield wrong(resource, daily, f"{first} overlaps {weekly} {second}", "move one of them: AWS refuses both")


def _read_daily(text: object) -> Window | None:
    match = _DAILY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return begin, (end - begin) % DAY


def _read_weekly(text: object) -> Window | None:
    match = _WEEKLY.fullmatch(text) if isinstance(text, str) else None
    if match is None or not {match[1].lower(), match[4].lower()} <= set(DAYS):
        return None
    begin = DAYS.index(match[1].lower()) * DAY + int(match[2]) * 60 + int(match[3])
    end = DAYS.index(match[4].lower()) * DAY + int(match[5]) * 60 + int(match[6])
    return begin, (end - begin) % WEEK


def _overlap(daily: Window, weekly: Window) -> bool:
    begins = (daily[0] + day * DAY for day in range(-1, 8))
    end = weekly[0] + weekly[1]
    return any(begin < end + wrap and weekly[0] + wrap < begin + daily[1] for begin in begins for wrap in (0, -WEEK))


RULES = (
    Rule(
        "windows",
        "API references: RDS CreateDBInstance, PreferredBackupWindow (30 minutes, must not conflict with the "
        "maintenance window); ElastiCache CreateReplicationGroup, PreferredMaintenanceWindow (60 minutes)",
        check_windows,
    ),
)
