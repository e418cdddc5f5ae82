"""The tables of candlefish.toml that matter on AWS alone: where the tier stands, the road on, what it costs."""

from typing import Annotated, Literal

from pydantic import Field

from candlefish.spec.section import Section

CacheEngine = Literal["redis", "valkey"]
Architecture = Literal["x86_64", "arm64"]

REGION_PATTERN = r"^[a-z]{2}(-[a-z]+)+-\d$"

ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
"""Names a path, an image repository and an ECS service: 20 at most, so that target group names stay below 32."""

HostName = Annotated[str, Field(pattern=r"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")]
"""A name in the DNS, such as "api.example.com"."""

CertificateArn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-zA-Z-]+$")]
"""A certificate of AWS Certificate Manager; its region stands in its name."""

SERVICES = ["accounts", "dashboards", "metrics", "activity", "notifications"]
"""The five services that an application of the reference kind is cut into."""


PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
"""Addresses inside networks (RFC 1918): there a VPC's own endpoints answer."""


class AwsSpec(Section):
    """Where the tier stands on AWS; what is not set, the module makes itself."""

    region: str = Field(default="us-east-1", pattern=REGION_PATTERN)
    zones: int = Field(default=2, ge=2, le=3)
    vpc_cidr: str = "10.20.0.0/16"
    vpc_id: str | None = Field(default=None, pattern=r"^vpc-[0-9a-f]{8,17}$")
    private_subnet_ids: list[str] = Field(default_factory=list)
    public_subnet_ids: list[str] = Field(default_factory=list)
    https_cidr_blocks: list[str] = Field(default_factory=lambda: list(PRIVATE_RANGES))
    cache_engine: CacheEngine = "redis"
    valkey_version: Literal["7.2", "8.0", "8.1", "8.2", "9.0"] = "8.2"
    cache_shards: int = Field(default=1, ge=1, le=90)
    architecture: Architecture = "x86_64"
    pooler_tasks: int = Field(default=2, ge=1, le=20)
    pooler_max_tasks: int = Field(default=4, ge=1, le=40)
    backup_copy_region: str | None = Field(default=None, pattern=REGION_PATTERN)
    deletion_protection: bool = True
    rotation_days: int = Field(default=90, ge=1, le=365)
    alert_email: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)


class CdnSpec(Section):
    """CloudFront before static assets and cacheable GETs; `aliases` need a certificate, which stands in us-east-1."""

    enabled: bool = False
    aliases: list[HostName] = Field(default_factory=list)
    certificate_arn: CertificateArn | None = None


class ApplicationSpec(Section):
    """The application as ECS services behind a load balancer; sizes hold for each service."""

    enabled: bool = False
    services: list[ServiceName] = Field(default_factory=lambda: list(SERVICES))
    port: int = Field(default=8080, ge=1024, le=65535)
    health_path: str = Field(default="/health", pattern=r"^/")
    vcpu: float = 0.5
    memory_gb: float = 1.0
    tasks: int = Field(default=2, ge=1, le=100)
    max_tasks: int = Field(default=10, ge=1, le=1000)
    domain: HostName | None = None
    certificate_arn: CertificateArn | None = None


class GatewaySpec(Section):
    """An HTTP API before the application's services: a route for each, throttled, for holders of a JWT."""

    enabled: bool = False
    jwt_issuer: str | None = None
    jwt_audience: list[str] = Field(default_factory=list)
    requests_per_second: int = Field(default=1000, ge=1, le=10_000)
    burst: int = Field(default=500, ge=1, le=5_000)
    allowed_origins: list[str] = Field(default_factory=list)


class UsageSpec(Section):
    """What a month uses, as far as no plan can know it: `candlefish cost` prices these figures and prints them."""

    cross_zone_gb: float = Field(default=500.0, ge=0)
    pooler_gb: float = Field(default=500.0, ge=0)
    backup_gb: float = Field(default=300.0, ge=0)
    backup_copy_gb: float = Field(default=100.0, ge=0)
    log_gb: float = Field(default=10.0, ge=0)
    cdn_gb: float = Field(default=500.0, ge=0)
    cdn_requests_million: float = Field(default=10.0, ge=0)
    api_requests_million: float = Field(default=30.0, ge=0)
    application_gb: float = Field(default=200.0, ge=0)


class CompareLine(Section):
    """One line of another estimate; `matches` names the lines of our bill that it stands for."""

    name: str
    usd: float = Field(ge=0)
    matches: list[str] = Field(default_factory=list)
    note: str = ""


class CompareSpec(Section):
    """Another estimate of a month, such as a self-managed estate: `candlefish cost` sets it beside ours."""

    name: str
    source: str
    lines: list[CompareLine] = Field(min_length=1)
