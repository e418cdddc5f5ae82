"""What the buckets of the road on are given."""

from collections.abc import Iterator, Mapping

from candlefish.plan.aws.logs import LOG_RETENTION_DAYS
from candlefish.spec.model import Spec
from candlefish.terraform.value import Hcl, Reasoned, Value

UNDO_DAYS = 30
"""Days for which a replaced or deleted asset can be brought back: as long as the database's backups by default."""

REPLACED_LOG_DAYS = 1
"""Logs are never replaced: what is deleted is meant to be gone."""


def buckets_values(spec: Spec) -> Iterator[Value]:
    """Give a bucket for logs, and with CloudFront one for assets."""
    buckets: dict[str, Hcl | Reasoned] = {
        "logs": _bucket(LOG_RETENTION_DAYS, "as long as the other logs", REPLACED_LOG_DAYS, "logs are never replaced")
    }
    if spec.cdn.enabled:
        undo = "a replaced asset can be brought back for so long"
        buckets["assets"] = _bucket(None, "the current version stays", UNDO_DAYS, undo)
    yield Value("buckets", buckets, "days until objects, and replaced versions of them, go")


def _bucket(days: int | None, why: str, replaced_days: int, why_replaced: str) -> Mapping[str, Hcl | Reasoned]:
    return {"expire_days": Reasoned(days, why), "noncurrent_days": Reasoned(replaced_days, why_replaced)}
