"""PgBouncer on ECS: the tasks of every hour, and the load balancer before them."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.plan.aws.pooler import make_pooler
from candlefish.spec.model import Spec

NLCU_CONNECTIONS = 100_000
"""Active TCP connections of one capacity unit; 1 GB an hour is another dimension, the greatest one counts
(AWS, "Elastic Load Balancing pricing": an NLCU contains 800 new TCP connections a second, 100,000 active)."""


def price_pooler(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of the pooler."""
    pooler = make_pooler(spec)
    what = f"{pooler.tasks} tasks of {pooler.vcpu:g} vCPU, {pooler.memory_gb:g} GB, {spec.aws.architecture}"
    yield Line(
        "pooler.tasks",
        "pooler",
        what,
        price_tasks(snapshot, spec.aws.architecture, pooler.tasks, pooler.vcpu, pooler.memory_gb),
        assumption=f"autoscaling adds up to {pooler.max_tasks - pooler.tasks} more under load: not in the figure",
    )
    hour = require_row(snapshot, "nlb.hour", "a Network Load Balancer")
    yield Line(
        "nlb.hours",
        "pooler",
        "Network Load Balancer",
        (Charge(HOURS_PER_MONTH, hour, f"{HOURS_PER_MONTH} h"),),
    )
    yield _capacity(spec, snapshot)


def price_tasks(
    snapshot: Snapshot, architecture: str, tasks: int, vcpu: float, memory_gb: float
) -> tuple[Charge, Charge]:
    """Return the charges of Fargate tasks that run all month: processors, then memory."""
    cpu = require_row(snapshot, f"fargate.{architecture}.vcpu", f"Fargate vCPU, {architecture}")
    memory = require_row(snapshot, f"fargate.{architecture}.gb", f"Fargate memory, {architecture}")
    hours = tasks * HOURS_PER_MONTH
    return (
        Charge(hours * vcpu, cpu, f"{tasks} x {HOURS_PER_MONTH} h x {vcpu:g} vCPU"),
        Charge(hours * memory_gb, memory, f"{tasks} x {HOURS_PER_MONTH} h x {memory_gb:g} GB"),
    )


def _capacity(spec: Spec, snapshot: Snapshot) -> Line:
    by_connections = HOURS_PER_MONTH * spec.pgbouncer.max_client_connections / NLCU_CONNECTIONS
    units = max(spec.usage.pooler_gb, by_connections)
    why = "1 GB is one unit for an hour" if units == spec.usage.pooler_gb else "by connections, all of them open"
    row = require_row(snapshot, "nlb.lcu", "capacity units of a Network Load Balancer")
    return Line(
        "nlb.capacity",
        "pooler",
        "its capacity units",
        (Charge(units, row, f"{units:g} unit-hours"),),
        "pooler_gb",
        why,
    )
