"""When PgBouncer's service grows and shrinks."""

from dataclasses import dataclass

from candlefish.plan.aws.pooler import make_pooler
from candlefish.spec.model import Spec

HALF = 0.5
"""Of what a task can do: of two tasks, one that is lost leaves the other exactly full."""

OUT_COOLDOWN_S = 60
"""One period of the metrics: the step before shows."""

IN_COOLDOWN_S = 600
"""A task that goes takes its clients' connections with it: not before ten quiet minutes."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """What autoscaling aims at, for each task, and the pauses between two steps."""

    cpu_percent: int
    clients: int
    out_cooldown_s: int
    in_cooldown_s: int


def scale_pooler(spec: Spec) -> Scaling:
    """Return what the service's autoscaling aims at."""
    clients = next(int(setting.value) for setting in make_pooler(spec).settings if setting.name == "max_client_conn")
    return Scaling(round(100 * HALF), max(1, round(clients * HALF)), OUT_COOLDOWN_S, IN_COOLDOWN_S)
