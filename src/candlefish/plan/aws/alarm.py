"""What an alarm is: a metric of CloudWatch, how it is compared, and for how long."""

from dataclasses import dataclass
from typing import Literal

Subject = Literal["database", "replica", "cache", "pooler", "balancer", "rotation", "application"]
"""What an alarm is made for each of; it decides the dimensions."""

Missing = Literal["breaching", "notBreaching", "missing", "ignore"]
"""What a period without data counts as (CloudWatch, "Configuring how alarms treat missing data")."""

NAMESPACES: dict[Subject, str] = {
    "database": "AWS/RDS",
    "replica": "AWS/RDS",
    "cache": "AWS/ElastiCache",
    "pooler": "candlefish/pgbouncer",
    "balancer": "AWS/NetworkELB",
    "rotation": "AWS/SQS",
    "application": "AWS/ApplicationELB",
}
"""Who publishes; the pooler's own metrics come out of its log (embedded metric format)."""

PERIOD_S = 60
"""All of them publish once a minute."""

COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
"""A comparison as CloudWatch calls it."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Count an alarm's metric only while this one, of another subject, is at least so much."""

    subject: Subject
    metric: str
    statistic: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; `threshold` is in the metric's own unit, `period_s` times `periods` is how long it must hold.

    With `divided_by` the value is the metric over the sum of those. `objective` is empty for what is watched besides
    the objectives.
    """

    name: str
    objective: str
    subject: Subject
    namespace: str
    metric: str
    statistic: str
    comparison: str
    threshold: float
    period_s: int
    periods: int
    missing: Missing
    reason: str
    divided_by: tuple[str, ...] = ()
    guard: Guard | None = None

    @property
    def metrics(self) -> int:
        """How many metrics it reads: CloudWatch charges for each."""
        return 1 + len(self.divided_by) + (self.guard is not None)
