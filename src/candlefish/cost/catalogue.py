"""Which products of the AWS Price List are rows of a snapshot, and how a product is recognised."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from candlefish.errors import UsageError
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES

USAGE_PREFIX = {
    "us-east-1": "USE1", "us-east-2": "USE2", "us-west-1": "USW1", "us-west-2": "USW2", "ca-central-1": "CAN1",
    "eu-west-1": "EU", "eu-west-2": "EUW2", "eu-west-3": "EUW3", "eu-central-1": "EUC1", "eu-north-1": "EUN1",
    "eu-south-1": "EUS1", "ap-northeast-1": "APN1", "ap-northeast-2": "APN2", "ap-northeast-3": "APN3",
    "ap-southeast-1": "APS1", "ap-southeast-2": "APS2", "ap-south-1": "APS3", "ap-east-1": "APE1",
    "sa-east-1": "SAE1", "af-south-1": "AFS1", "me-south-1": "MES1",
}  # fmt: skip
"""What usage types begin with in a region (AWSDataTransfer's own usage types); in us-east-1 often nothing."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its usage type without the region's prefix, further attributes, and the row it becomes.

    Prices are multiplied by `per` to become prices of `unit`; `free` units are free by a product of their own.
    """

    key: str
    service: str
    usage: str
    what: str
    unit: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    per: float = 1.0
    free: float = 0.0


_POSTGRES = {"databaseEngine": "PostgreSQL"}

PRODUCTS = (
    Product("rds.storage.gp3.single", "AmazonRDS", "RDS:GP3-Storage", "gp3 storage Single-AZ", "GB-month", _POSTGRES),
    Product(
        "rds.storage.gp3.multi", "AmazonRDS", "RDS:Multi-AZ-GP3-Storage", "gp3 storage Multi-AZ", "GB-month", _POSTGRES
    ),
    Product("rds.storage.gp2.single", "AmazonRDS", "RDS:GP2-Storage", "gp2 storage Single-AZ", "GB-month", _POSTGRES),
    Product(
        "rds.storage.gp2.multi", "AmazonRDS", "RDS:Multi-AZ-GP2-Storage", "gp2 storage Multi-AZ", "GB-month", _POSTGRES
    ),
    Product("rds.storage.io1.single", "AmazonRDS", "RDS:PIOPS-Storage", "io1 storage", "GB-month", _POSTGRES),
    Product("rds.storage.io2.single", "AmazonRDS", "RDS:IO2-PIOPS-Storage", "io2 storage", "GB-month", _POSTGRES),
    Product("rds.iops.gp3.single", "AmazonRDS", "RDS:GP3-PIOPS", "gp3 IOPS Single-AZ", "IOPS-month", _POSTGRES),
    Product("rds.iops.gp3.multi", "AmazonRDS", "RDS:Multi-AZ-GP3-PIOPS", "gp3 IOPS Multi-AZ", "IOPS-month", _POSTGRES),
    Product("rds.iops.io1.single", "AmazonRDS", "RDS:PIOPS", "io1 IOPS", "IOPS-month", _POSTGRES),
    Product("rds.iops.io2.single", "AmazonRDS", "RDS:IO2-PIOPS", "io2 IOPS", "IOPS-month", _POSTGRES),
    Product("rds.backup", "AmazonRDS", "RDS:ChargedBackupUsage", "backups beyond what is free", "GB-month", _POSTGRES),
    Product("elasticache.backup", "AmazonElastiCache", "BackupUsage", "snapshot storage", "GB-month"),
    Product("fargate.x86_64.vcpu", "AmazonECS", "Fargate-vCPU-Hours:perCPU", "Fargate vCPU, x86", "vCPU-hour"),
    Product("fargate.x86_64.gb", "AmazonECS", "Fargate-GB-Hours", "Fargate memory, x86", "GB-hour"),
    Product("fargate.arm64.vcpu", "AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU", "Fargate vCPU, ARM", "vCPU-hour"),
    Product("fargate.arm64.gb", "AmazonECS", "Fargate-ARM-GB-Hours", "Fargate memory, ARM", "GB-hour"),
    Product(
        "nlb.hour", "AWSELB", "LoadBalancerUsage", "Network Load Balancer", "hour",
        {"productFamily": "Load Balancer-Network"},
    ),
    Product(
        "nlb.lcu", "AWSELB", "LCUUsage", "Network Load Balancer capacity unit", "LCU-hour",
        {"productFamily": "Load Balancer-Network"},
    ),
    Product(
        "alb.hour", "AWSELB", "LoadBalancerUsage", "Application Load Balancer", "hour",
        {"productFamily": "Load Balancer-Application"},
    ),
    Product(
        "alb.lcu", "AWSELB", "LCUUsage", "Application Load Balancer capacity unit", "LCU-hour",
        {"productFamily": "Load Balancer-Application"},
    ),
    Product("endpoint.hour", "AmazonVPC", "VpcEndpoint-Hours", "interface endpoint in one zone", "hour"),
    Product("endpoint.gb", "AmazonVPC", "VpcEndpoint-Bytes", "data through interface endpoints", "GB"),
    Product("ipv4.hour", "AmazonVPC", "PublicIPv4:InUseAddress", "public IPv4 address in use", "hour"),
    Product("transfer.cross_zone", "AWSDataTransfer", "DataTransfer-Regional-Bytes", "between zones", "GB"),
    Product("transfer.internet", "AWSDataTransfer", "DataTransfer-Out-Bytes", "out to the internet", "GB"),
    Product("secret.month", "AWSSecretsManager", "AWSSecretsManager-Secrets", "secret", "secret-month"),
    Product(
        "secret.requests", "AWSSecretsManager", "AWSSecretsManagerAPIRequest", "API requests", "10,000 requests",
        per=10_000,
    ),
    Product("kms.key", "awskms", "KMS-Keys", "customer managed key", "key-month"),
    Product("cloudwatch.alarm", "AmazonCloudWatch", "CW:AlarmMonitorUsage", "metric of an alarm", "alarm-metric-month"),
    Product(
        "cloudwatch.dashboard", "AmazonCloudWatch", "DashboardsUsageHour", "dashboard", "dashboard-month", free=3
    ),
    Product("cloudwatch.metric", "AmazonCloudWatch", "CW:MetricMonitorUsage", "custom metric", "metric-month"),
    Product(
        "logs.ingest", "AmazonCloudWatch", "DataProcessing-Bytes", "logs ingested", "GB", {"operation": "PutLogEvents"}
    ),
    Product("logs.storage", "AmazonCloudWatch", "TimedStorage-ByteHrs", "logs kept", "GB-month"),
    Product("ecr.storage", "AmazonECR", "TimedStorage-ByteHrs", "images", "GB-month"),
    Product(
        "scheduler.invocations", "AWSEvents", "ScheduledInvocation", "EventBridge Scheduler", "million", per=1e6
    ),
    Product(
        "sns.email", "AmazonSNS", "DeliveryAttempts-SMTP", "notifications by e-mail", "notification"
    ),
    Product(
        "s3.storage", "AmazonS3", "TimedStorage-ByteHrs", "standard storage", "GB-month", {"volumeType": "Standard"}
    ),
    Product("api.requests", "AmazonApiGateway", "ApiGatewayHttpRequest", "requests of HTTP APIs", "million", per=1e6),
    Product(
        "cloudfront.transfer", "AmazonCloudFront", "US-DataTransfer-Out-Bytes", "out of CloudFront", "GB", free=1024
    ),
    Product(
        "cloudfront.requests", "AmazonCloudFront", "US-Requests-Tier2-HTTPS", "HTTPS requests", "million",
        per=1e6, free=10,
    ),
)  # fmt: skip
"""Usage types as public price tools match them; a row whose product is not found stays what it was."""

GLOBAL = frozenset({"AmazonCloudFront"})
"""Services whose prices belong to no region."""

SERVICES = tuple(dict.fromkeys(("AmazonRDS", "AmazonElastiCache", *(product.service for product in PRODUCTS))))

_TRANSFER = re.compile(r"^(?P<prefix>[A-Z0-9]+)-AWS-Out-Bytes$")


def service_filters(service: str, region: str) -> dict[str, str]:
    """Return what narrows a service's products down when they are asked for with credentials."""
    if service in GLOBAL:
        return {}
    place = {"fromRegionCode": region} if service == "AWSDataTransfer" else {"regionCode": region}
    return place | (_POSTGRES if service == "AmazonRDS" else {})


def require_prefix(region: str) -> str:
    """Return what usage types of a region begin with; raise UsageError for a region not known here."""
    prefix = USAGE_PREFIX.get(region)
    if prefix is None:
        raise UsageError(
            f"the price list's name for the region {region} is not known",
            detail=f"known are {', '.join(USAGE_PREFIX)}",
            hint="write its prices into a file of your own and give it with --prices",
        )
    return prefix


def find_product(service: str, attributes: Mapping[str, str], region: str) -> Product | None:
    """Return what a product of the price list is to us, None for one that no bill has."""
    usage = _bare(attributes.get("usagetype", ""), region)
    instance = _instance(service, usage, attributes) or _transfer(service, attributes.get("usagetype", ""), region)
    if instance is not None:
        return instance
    return next(
        (
            product
            for product in PRODUCTS
            if product.service == service and product.usage == usage and _has(attributes, product.attributes)
        ),
        None,
    )


def _bare(usage: str, region: str) -> str:
    for prefix in (f"{require_prefix(region)}-", f"{region}-"):
        usage = usage.removeprefix(prefix)
    return usage


def _has(attributes: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Tell whether a product has these attributes; storage of any engine ("Any") is that of ours too."""
    return all(attributes.get(name, "") in (value, "Any") for name, value in wanted.items())


def _instance(service: str, usage: str, attributes: Mapping[str, str]) -> Product | None:
    name = attributes.get("instanceType", "")
    if service == "AmazonRDS" and name in DATABASE_CLASSES and _has(attributes, _POSTGRES):
        zones = {"InstanceUsage": "single", "Multi-AZUsage": "multi"}.get(usage.split(":")[0])
        if zones:
            what = f"{name} PostgreSQL {'Multi-AZ' if zones == 'multi' else 'Single-AZ'}"
            return Product(f"rds.postgres.{name}.{zones}", service, usage, what, "hour")
    if service == "AmazonElastiCache" and name in CACHE_CLASSES and usage.startswith("NodeUsage:"):
        engine = attributes.get("cacheEngine", "").lower()
        if engine in ("redis", "valkey"):
            what = f"{name} {'Valkey' if engine == 'valkey' else 'Redis OSS'}"
            return Product(f"elasticache.{engine}.{name}", service, usage, what, "hour")
    return None


def _transfer(service: str, usage: str, region: str) -> Product | None:
    match = _TRANSFER.match(usage.removeprefix(f"{require_prefix(region)}-"))
    if service != "AWSDataTransfer" or match is None:
        return None
    to = next((name for name, prefix in USAGE_PREFIX.items() if prefix == match["prefix"] and name != region), None)
    return Product(f"transfer.region.{to}", service, usage, f"to {to}", "GB") if to else None
