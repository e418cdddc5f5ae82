"""The bill of a spec: every part's lines, in order, each line priced from the snapshot."""

from candlefish.cost.lines import cache, database, delivery, network, operations, pooler, security
from candlefish.cost.model import Bill, Snapshot
from candlefish.cost.snapshot import require_region
from candlefish.cost.unpriced import list_unpriced
from candlefish.spec.model import Spec

LINES = (
    database.price_database,
    cache.price_cache,
    pooler.price_pooler,
    network.price_network,
    operations.price_operations,
    security.price_security,
    delivery.price_delivery,
)

LINE_IDS = (
    "rds.primary", "rds.replicas", "rds.storage", "rds.iops", "rds.backup", "rds.restore_test",
    "cache.nodes", "cache.backup",
    "pooler.tasks", "nlb.hours", "nlb.capacity",
    "endpoints.hours", "endpoints.data", "transfer.cross_zone", "transfer.cross_region",
    "alarms", "dashboards", "metrics", "logs", "alerts",
    "secrets", "secrets.requests", "kms", "rotation",
    "ecr", "application.tasks", "application.balancer", "application.addresses", "gateway.requests",
    "cdn.transfer", "cdn.requests", "cdn.storage",
)  # fmt: skip
"""Every line that a bill can have; [[compare]] names them in `matches`."""


def make_bill(spec: Spec, snapshot: Snapshot) -> Bill:
    """Return the bill of a month; raise UsageError for a part that the snapshot has no price for."""
    require_region(snapshot, spec.aws.region)
    lines = tuple(line for price in LINES for line in price(spec, snapshot))
    return Bill(spec.name, spec.aws.region, snapshot, lines, tuple(list_unpriced(spec, snapshot)))
