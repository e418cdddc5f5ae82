"""What crosses zones and regions, and the way to AWS's own services."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.spec.model import Spec

INTERFACE_ENDPOINTS = ("ecr.api", "ecr.dkr", "elasticache", "logs", "secretsmanager")
"""Services that tasks in private subnets reach through an endpoint; S3's gateway endpoint costs nothing."""


def price_network(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of the network."""
    if spec.aws.vpc_id is None:
        yield from _endpoints(spec, snapshot)
    cross_zone = require_row(snapshot, "transfer.cross_zone", "transfer between zones")
    yield Line(
        "transfer.cross_zone",
        "network",
        "between zones",
        (Charge(spec.usage.cross_zone_gb, cross_zone, f"{spec.usage.cross_zone_gb:g} GB, one way"),),
        "cross_zone_gb",
        "each GB counted once for each end that AWS bills; replication inside RDS and ElastiCache is not billed",
    )
    if (copy := spec.aws.backup_copy_region) is not None:
        row = require_row(snapshot, f"transfer.region.{copy}", f"transfer to {copy}")
        yield Line(
            "transfer.cross_region",
            "network",
            f"backups copied to {copy}",
            (Charge(spec.usage.backup_copy_gb, row, f"{spec.usage.backup_copy_gb:g} GB"),),
            "backup_copy_gb",
            "snapshots and WAL that leave the region in a month",
        )


def _endpoints(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    count, zones = len(INTERFACE_ENDPOINTS), spec.aws.zones
    hour = require_row(snapshot, "endpoint.hour", "an interface endpoint")
    yield Line(
        "endpoints.hours",
        "network",
        f"{count} interface endpoints in {zones} zones",
        (Charge(count * zones * HOURS_PER_MONTH, hour, f"{count} x {zones} x {HOURS_PER_MONTH} h"),),
        assumption="instead of a NAT gateway: nothing in the private subnets has a way to the internet",
    )
    data = require_row(snapshot, "endpoint.gb", "data through interface endpoints")
    yield Line(
        "endpoints.data",
        "network",
        "data through them",
        (Charge(spec.usage.log_gb, data, f"{spec.usage.log_gb:g} GB"),),
        "log_gb",
        "logs are nearly all of it; image layers come from S3, whose endpoint costs nothing",
    )
