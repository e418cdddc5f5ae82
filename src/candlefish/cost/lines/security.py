"""Secrets Manager and KMS, and the task that changes the secrets."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.plan.aws.pooler import make_pooler
from candlefish.spec.model import Spec

SECRETS = ("admin", "app", "monitor", "redis")
"""The module's secrets, NAME/admin and so on."""

POLLED_SECRETS = 2
"""What each pooler task asks for again and again: app and monitor."""

POLL_S = 60
"""Seconds between two looks of a pooler task at its secrets."""

REQUESTS = 10_000
"""Requests that Secrets Manager and KMS count as one."""

DAYS_PER_MONTH = HOURS_PER_MONTH / 24

ROTATION_H = 0.1
"""How long a rotation holds its task, as an assumption: six minutes with image and start."""


def price_security(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of secrets and keys."""
    month = require_row(snapshot, "secret.month", "a secret")
    yield Line(
        "secrets",
        "security",
        f"secrets {', '.join(SECRETS)}",
        (Charge(len(SECRETS), month, f"{len(SECRETS)}"),),
    )
    tasks = make_pooler(spec).tasks
    asked = tasks * POLLED_SECRETS * HOURS_PER_MONTH * 3600 / POLL_S
    formula = f"{tasks} tasks x {POLLED_SECRETS} secrets, every {POLL_S} s"
    requests = require_row(snapshot, "secret.requests", "requests to Secrets Manager")
    charge = Charge(asked / REQUESTS, requests, formula)
    yield Line("secrets.requests", "security", "PgBouncer looking for changed secrets", (charge,))
    yield _keys(spec, snapshot)
    yield _rotation(spec, snapshot)


def _keys(spec: Spec, snapshot: Snapshot) -> Line:
    copy = spec.aws.backup_copy_region
    count, what = (2, f"encryption keys, one of them in {copy}") if copy else (1, "encryption key")
    key = require_row(snapshot, "kms.key", "a KMS key")
    return Line("kms", "security", what, (Charge(count, key, f"{count}"),), assumption="in its first year")


def _rotation(spec: Spec, snapshot: Snapshot) -> Line:
    runs = DAYS_PER_MONTH / spec.aws.rotation_days
    pooler, architecture = make_pooler(spec), spec.aws.architecture
    cpu = require_row(snapshot, f"fargate.{architecture}.vcpu", f"Fargate vCPU, {architecture}")
    memory = require_row(snapshot, f"fargate.{architecture}.gb", f"Fargate memory, {architecture}")
    schedule = require_row(snapshot, "scheduler.invocations", "EventBridge Scheduler")
    hours = runs * ROTATION_H
    return Line(
        "rotation",
        "security",
        f"rotation every {spec.aws.rotation_days} days",
        (
            Charge(hours * pooler.vcpu, cpu, f"{runs:.2g} runs x {ROTATION_H:g} h x {pooler.vcpu:g} vCPU"),
            Charge(hours * pooler.memory_gb, memory, f"{runs:.2g} runs x {ROTATION_H:g} h x {pooler.memory_gb:g} GB"),
            Charge(runs / 1e6, schedule, f"{runs:.2g} invocations"),
        ),
        assumption="six minutes each",
    )
