"""ElastiCache: the nodes, and the snapshots where there are any."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.plan.aws.cache import plan_cache
from candlefish.spec.instances import CACHE_CLASSES
from candlefish.spec.model import Spec


def price_cache(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of ElastiCache."""
    group = plan_cache(spec)
    row = require_row(
        snapshot, f"elasticache.{group.engine}.{group.node_type}", f"{group.node_type} with {group.engine}"
    )
    charge = Charge(group.nodes * HOURS_PER_MONTH, row, f"{group.nodes} x {HOURS_PER_MONTH} h")
    engine = "Valkey" if group.engine == "valkey" else "Redis OSS"
    shards = f" in {group.shards} shards" if group.shards > 1 else ""
    yield Line("cache.nodes", "cache", f"{group.nodes} nodes {group.node_type}{shards}, {engine}", (charge,))
    if group.snapshot_days:
        stored = group.shards * group.snapshot_days * CACHE_CLASSES[group.node_type].memory_gib
        backup = require_row(snapshot, "elasticache.backup", "snapshots of ElastiCache")
        yield Line(
            "cache.backup",
            "cache",
            f"snapshots, {group.snapshot_days} days",
            (Charge(stored, backup, f"{stored:g} GB"),),
            assumption="as large as the memory for data: the most that a snapshot can be",
        )
