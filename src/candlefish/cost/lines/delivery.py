"""Images, and the road on where it is declared: the application's services, their gateway, CloudFront."""

from collections.abc import Iterator

from candlefish.cost.lines.pooler import price_tasks
from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.spec.model import Spec

IMAGE_GB, IMAGES_KEPT = 0.3, 5
"""Of each repository, as an assumption: a slim Python image with its layers, and how many stay for a way back."""

ASSETS_GB = 5.0
"""Static assets in S3, as an assumption."""


def price_delivery(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of images, application, gateway and CDN."""
    services = spec.application.services if spec.application.enabled else []
    repositories = 1 + len(services)
    stored = repositories * IMAGES_KEPT * IMAGE_GB
    image = require_row(snapshot, "ecr.storage", "images in ECR")
    yield Line(
        "ecr",
        "delivery",
        "images",
        (Charge(stored, image, f"{repositories} x {IMAGES_KEPT} images x {IMAGE_GB:g} GB"),),
        assumption=f"{IMAGE_GB:g} GB each, the last {IMAGES_KEPT} kept",
    )
    if services:
        yield from _application(spec, snapshot)
    if spec.gateway.enabled:
        yield _gateway(spec, snapshot)
    if spec.cdn.enabled:
        yield from _cdn(spec, snapshot)


def _application(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    app = spec.application
    count = len(app.services) * app.tasks
    yield Line(
        "application.tasks",
        "delivery",
        f"{len(app.services)} services x {app.tasks} tasks of {app.vcpu:g} vCPU, {app.memory_gb:g} GB",
        price_tasks(snapshot, spec.aws.architecture, count, app.vcpu, app.memory_gb),
        assumption="what runs at rest; autoscaling adds more under load",
    )
    hour = require_row(snapshot, "alb.hour", "an Application Load Balancer")
    unit = require_row(snapshot, "alb.lcu", "capacity units of an Application Load Balancer")
    gigabytes = spec.usage.application_gb
    yield Line(
        "application.balancer",
        "delivery",
        "Application Load Balancer",
        (
            Charge(HOURS_PER_MONTH, hour, f"{HOURS_PER_MONTH} h"),
            Charge(gigabytes, unit, f"{gigabytes:g} GB, one unit for an hour each"),
        ),
        "application_gb",
        "bytes decide the units; many new connections or rules could",
    )
    if spec.cdn.enabled or spec.gateway.enabled:
        return  # the balancer is internal behind either
    address = require_row(snapshot, "ipv4.hour", "a public IPv4 address")
    zones = spec.aws.zones
    yield Line(
        "application.addresses",
        "delivery",
        f"its public addresses in {zones} zones",
        (Charge(zones * HOURS_PER_MONTH, address, f"{zones} x {HOURS_PER_MONTH} h"),),
    )


def _gateway(spec: Spec, snapshot: Snapshot) -> Line:
    row = require_row(snapshot, "api.requests", "requests of an HTTP API")
    millions = spec.usage.api_requests_million
    return Line(
        "gateway.requests",
        "delivery",
        "HTTP API",
        (Charge(millions, row, f"{millions:g} million"),),
        "api_requests_million",
        "of at most 512 kB each; a larger one counts several times",
    )


def _cdn(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    usage = spec.usage
    transfer = require_row(snapshot, "cloudfront.transfer", "transfer out of CloudFront")
    requests = require_row(snapshot, "cloudfront.requests", "requests of CloudFront")
    storage = require_row(snapshot, "s3.storage", "storage in S3")
    formula = f"{usage.cdn_gb:g} GB, of which {transfer.free:,.0f} are free"
    readers = "readers in North America and Europe"
    charge = Charge(usage.cdn_gb, transfer, formula)
    yield Line("cdn.transfer", "delivery", "CloudFront, out", (charge,), "cdn_gb", readers)
    millions = f"{usage.cdn_requests_million:g} million, of which {requests.free:g} are free"
    charge = Charge(usage.cdn_requests_million, requests, millions)
    yield Line("cdn.requests", "delivery", "CloudFront, requests", (charge,), "cdn_requests_million", readers)
    yield Line(
        "cdn.storage",
        "delivery",
        "static assets in S3",
        (Charge(ASSETS_GB, storage, f"{ASSETS_GB:g} GB"),),
        assumption=f"{ASSETS_GB:g} GB",
    )
