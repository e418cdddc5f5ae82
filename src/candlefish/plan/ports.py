"""Which program listens where: the one table of ports, all counted from the tier's base."""

from collections.abc import Iterator
from dataclasses import dataclass

from candlefish.plan.model import Setting
from candlefish.spec.model import DEFAULT_PORT_BASE, PGBOUNCER_PORT, Spec

LOOPBACK = "127.0.0.1"
SENTINELS = 3
"""An odd number, so that two of three can agree; fewer can't survive the loss of one."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of one kind of program: `count` of them from base + `offset`."""

    offset: int
    count: int
    purpose: str


TABLE = {
    "etcd_client": Ports(0, 1, "etcd, asked by Patroni"),
    "etcd_peer": Ports(1, 1, "etcd, its other members"),
    "postgres": Ports(10, 1, "PostgreSQL; one address each: a PgBouncer host list has one port only"),
    "patroni": Ports(11, 1, "Patroni's REST interface, on the address of its node"),
    "redis": Ports(20, 6, "Redis; ElastiCache allows six nodes"),
    "sentinel": Ports(30, SENTINELS, "Redis Sentinel"),
    "dashboard": Ports(40, 1, "kept for the dashboard"),
    "exporter": Ports(41, 1, "kept for the metrics exporter"),
    "pgbouncer": Ports(50, 1, "PgBouncer, where port_base is not the default and no port is set"),
}


def port(spec: Spec, kind: str, index: int = 0) -> int:
    """Return the port of the `index`-th program of a kind."""
    ports = TABLE[kind]
    if index >= ports.count:
        raise ValueError(f"{kind} has {ports.count} ports, not {index + 1}")
    return spec.port_base + ports.offset + index


def pgbouncer_port(spec: Spec) -> int:
    """Return PgBouncer's port: the one that is set, 6432 for the default base, one of the tier's own otherwise."""
    if spec.pgbouncer.port is not None:
        return spec.pgbouncer.port
    if spec.port_base == DEFAULT_PORT_BASE:
        return PGBOUNCER_PORT
    return port(spec, "pgbouncer")


def node_host(index: int) -> str:
    """Return the loopback address of the `index`-th PostgreSQL node (from 0)."""
    return f"127.0.1.{index + 1}"


def explain_ports(spec: Spec) -> tuple[Setting, ...]:
    """Give every port of the tier with who listens there."""
    return tuple(_rows(spec))


def _rows(spec: Spec) -> Iterator[Setting]:
    counts = {"redis": spec.redis.nodes, "sentinel": SENTINELS if spec.redis.nodes > 1 else 0}
    for kind, ports in TABLE.items():
        if kind == "pgbouncer":
            yield Setting(kind, str(pgbouncer_port(spec)), "PgBouncer: the one port that applications use")
            continue
        used = counts.get(kind, 1)
        if used:
            first = port(spec, kind)
            yield Setting(kind, str(first) if used == 1 else f"{first}-{first + used - 1}", ports.purpose)
