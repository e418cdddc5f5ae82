"""The application on ECS: when its services grow, and how long a new version is watched before the old one goes."""

import math
from dataclasses import dataclass

from candlefish.plan.objectives import Alert, find_objective
from candlefish.spec.model import Spec

CPU_UNITS = 1024
"""Of one vCPU (AWS, "Task size": `cpu` in a task definition)."""

MIB = 1024
"""Of one GB, as a task definition counts it (same page)."""

WATCHED = ("application_response", "application_error_rate")
"""The objectives that a new version must hold."""

BAKE_ALARMS = 5
"""A new version is watched for so many times as long as its slowest alarm takes."""

CPU_TARGET = 0.60
"""Of a task's CPU: with one queue a request then takes 1 / (1 - 0.6) = 2.5 times what it takes alone; at 0.8, 5."""

SLOW_RATIO = 0.5
"""Tasks are added when half of the promised response time is used up: a new one needs a minute to start serving."""

GROWTH_PERCENT = 50
"""How much is added at once: six steps are eleven times as many tasks, and growth is promised for ten times."""

GROWTH_COOLDOWN_S = 60
"""Until the next step up: one period of the metric, in which the step before shows."""

SHRINK_COOLDOWN_S = 300
"""Until the next step down: the default of Application Auto Scaling for ECS."""


@dataclass(frozen=True, slots=True)
class Application:
    """Each service: the size of one task in the units of ECS, and what makes the service grow."""

    cpu_units: int
    memory_mib: int
    tasks: int
    max_tasks: int
    cpu_percent: float
    slow_response_s: float
    bake_minutes: int


def plan_application(spec: Spec) -> Application:
    """Return what a service of the application is given."""
    application = spec.application
    slowest = max(_alert(name).for_s for name in WATCHED)
    return Application(
        cpu_units=round(application.vcpu * CPU_UNITS),
        memory_mib=round(application.memory_gb * MIB),
        tasks=application.tasks,
        max_tasks=application.max_tasks,
        cpu_percent=CPU_TARGET * 100,
        slow_response_s=SLOW_RATIO * (find_objective("application_response").target or 0) / 1000,
        bake_minutes=math.ceil(BAKE_ALARMS * slowest / 60),
    )


def _alert(name: str) -> Alert:
    alert = find_objective(name).alert
    if alert is None:
        raise KeyError(name)
    return alert
