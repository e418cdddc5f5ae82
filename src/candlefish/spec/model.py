"""The fields of candlefish.toml. Every field has a default, so an empty file declares a whole tier."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from candlefish.spec.model_aws import ApplicationSpec, AwsSpec, CdnSpec, CompareSpec, GatewaySpec, UsageSpec
from candlefish.spec.quantities import Duration, Gigabytes, Size
from candlefish.spec.section import Section

DEFAULT_PORT_BASE = 7400
"""First port of a tier: below 32768, where Linux begins to hand out ports to outgoing connections."""

PGBOUNCER_PORT = 6432
"""PgBouncer's own default, for the tier that keeps the default port base."""

Synchronous = Literal["off", "on", "strict"]
StorageType = Literal["gp2", "gp3", "io1", "io2"]
MaxmemoryPolicy = Literal[
    "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    "noeviction",
]  # fmt: skip

TierName = Annotated[str, Field(pattern=r"^[a-z](-?[a-z0-9])*$", max_length=32)]
"""Names a folder, a Patroni scope and AWS identifiers, which may neither end with a hyphen nor have two together."""


class PostgresSpec(Section):
    """The database: `nodes` are the servers here, `multi_az` and `read_replicas` those on AWS."""

    nodes: int = Field(default=3, ge=1, le=9)
    version: Literal[15] = 15
    instance_class: str = "db.r6g.xlarge"
    replica_class: str = "db.r6g.large"
    multi_az: bool = True
    read_replicas: int = Field(default=2, ge=0, le=15)
    storage_gb: Gigabytes = 100
    storage_type: StorageType = "gp3"
    iops: int | None = None
    encrypted: bool = True
    backup_retention_days: int = Field(default=30, ge=0, le=35)
    max_connections: int = Field(default=500, ge=20, le=10000)
    statement_timeout: Duration = 300.0
    slow_query: Duration = 0.2
    shared_buffers_ratio: float = Field(default=0.25, ge=0.05, le=0.8)
    effective_cache_size_ratio: float = Field(default=0.75, ge=0.1, le=1.0)
    synchronous: Synchronous = "on"
    settings: dict[str, str | int | float | bool] = Field(default_factory=dict)


class PgBouncerSpec(Section):
    """The pooler; `max_server_connections` holds for each of its databases."""

    port: int | None = None
    max_client_connections: int = Field(default=10_000, ge=10, le=100_000)
    pool_size: int = Field(default=25, ge=1, le=1000)
    max_server_connections: int = Field(default=100, ge=1, le=10_000)
    query_wait_timeout: Duration = 30.0


class RedisSpec(Section):
    """The cache: one primary, the other nodes are replicas."""

    nodes: int = Field(default=3, ge=1, le=6)
    version: Literal["7.0", "7.1"] = "7.0"
    instance_class: str = "cache.r7g.xlarge"
    maxmemory: Size | None = None
    maxmemory_policy: MaxmemoryPolicy = "allkeys-lru"
    slow_log: Duration = 0.01
    cache_ttl: Duration = 300.0
    persistence: bool = False


class CacheSpec(Section):
    """What the application keeps in Redis: `rules` names a file, from the folder of candlefish.toml."""

    rules: str = ""
    prefix: str = ""


class MachineSpec(Section):
    """How much of this machine the tier may use; what is not set is all that was found."""

    memory_ratio: float = Field(default=0.5, ge=0.05, le=0.9)
    memory: Size | None = None
    cores: int | None = Field(default=None, ge=1, le=1024)


class TlsSpec(Section):
    """Encryption between the programs of the tier."""

    enabled: bool = False


class Spec(Section):
    """A declared tier."""

    name: TierName = "candlefish"
    port_base: int = DEFAULT_PORT_BASE
    database: str = "candlefish"
    light: bool = False
    postgres: PostgresSpec = PostgresSpec()
    pgbouncer: PgBouncerSpec = PgBouncerSpec()
    redis: RedisSpec = RedisSpec()
    cache: CacheSpec = CacheSpec()
    machine: MachineSpec = MachineSpec()
    tls: TlsSpec = TlsSpec()
    aws: AwsSpec = AwsSpec()
    cdn: CdnSpec = CdnSpec()
    application: ApplicationSpec = ApplicationSpec()
    gateway: GatewaySpec = GatewaySpec()
    usage: UsageSpec = UsageSpec()
    compare: list[CompareSpec] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _make_light(cls, data: Any) -> Any:
        """Give a light tier one PostgreSQL and one Redis, unless the data says otherwise (a check reports that)."""
        if not isinstance(data, dict) or data.get("light") is not True:
            return data
        return data | {part: _with_one_node(data.get(part, {})) for part in ("postgres", "redis")}


def _with_one_node(section: Any) -> Any:
    if isinstance(section, dict):
        return {"nodes": 1} | section
    return section
