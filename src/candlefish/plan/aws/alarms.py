"""The alarms of CloudWatch: each objective's alert in the metric, the statistic and the unit that CloudWatch has."""

from dataclasses import dataclass
from typing import Literal

from candlefish.spec.model import Spec

Subject = Literal["database", "replica", "cache", "pooler", "balancer", "application"]
"""What an alarm is made for each of; it decides the dimensions."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; `threshold` is in the metric's own unit, `period_s` times `periods` is how long it must hold."""

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
    missing: Literal["breaching", "notBreaching", "missing", "ignore"]
    reason: str


def make_alarms(spec: Spec) -> tuple[Alarm, ...]:
    """Return the alarms that a spec's tier has."""
    del spec
    return ()
