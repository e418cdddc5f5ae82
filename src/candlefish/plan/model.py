"""A plan: every number of a tier with its reason. Data only; made by `make_plan`, carried out by the engines."""

from dataclasses import dataclass
from typing import NamedTuple

from candlefish.plan.machine import Machine
from candlefish.spec.model import Spec, Synchronous


@dataclass(frozen=True, slots=True)
class Setting:
    """One value, why it is what it is, and its unit where the value does not carry one."""

    name: str
    value: str
    reason: str
    unit: str = ""


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class PostgresNode:
    """One PostgreSQL server and the Patroni that runs it."""

    name: str
    host: str
    port: int
    rest_port: int

    @property
    def address(self) -> Address:
        """Where the server listens."""
        return Address(self.host, self.port)


@dataclass(frozen=True, slots=True)
class PostgresPlan:
    """The PostgreSQL servers: all have the same settings, because each may become primary.

    `agreement` is what Patroni goes by, `slots` are the permanent logical replication slots, and `synchronous` is
    "off" when there is one node.
    """

    nodes: tuple[PostgresNode, ...]
    settings: tuple[Setting, ...]
    agreement: tuple[Setting, ...]
    memory_share_bytes: int
    max_connections: int
    synchronous: Synchronous
    slots: tuple[str, ...]
    database: str


@dataclass(frozen=True, slots=True)
class PgBouncerPlan:
    """The pooler: where it listens and what its ini says, the databases apart (they follow the roles)."""

    host: str
    port: int
    settings: tuple[Setting, ...]
    pool_size: int
    max_db_connections: int
    max_client_connections: int


@dataclass(frozen=True, slots=True)
class RedisNode:
    """One Redis server."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Sentinel:
    """One Redis Sentinel."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class RedisPlan:
    """The cache: all nodes have the same settings; `sentinels` is empty when there is one node.

    `quorum` Sentinels must agree; `sentinel_settings` are what each Sentinel knows of the service besides.
    """

    nodes: tuple[RedisNode, ...]
    sentinels: tuple[Sentinel, ...]
    service: str
    maxmemory_bytes: int
    settings: tuple[Setting, ...]
    quorum: int
    sentinel_settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class EtcdPlan:
    """The one etcd in which the PostgreSQL nodes agree."""

    name: str
    host: str
    client_port: int
    peer_port: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the engines need to run one tier on one machine.

    `open_files` is what a program of the tier may hold open; `required_memory_bytes` is what the tier takes
    before it holds any data; `sizes` are the numbers behind the settings (shares, counts).
    """

    name: str
    spec: Spec
    machine: Machine
    postgres: PostgresPlan
    pgbouncer: PgBouncerPlan
    redis: RedisPlan
    etcd: EtcdPlan
    open_files: int
    required_memory_bytes: int
    sizes: tuple[Setting, ...]

    def explain(self) -> tuple[Setting, ...]:
        """Give every number of the plan with its reason, each name led by the part that it belongs to."""
        parts = (
            ("", self.sizes),
            ("patroni.", self.postgres.agreement),
            ("postgres.", self.postgres.settings),
            ("pgbouncer.", self.pgbouncer.settings),
            ("redis.", self.redis.settings),
            ("sentinel.", self.redis.sentinel_settings),
        )
        return tuple(
            Setting(prefix + setting.name, setting.value, setting.reason, setting.unit)
            for prefix, settings in parts
            for setting in settings
        )
