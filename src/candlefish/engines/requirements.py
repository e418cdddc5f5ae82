"""What must hold before a tier starts: programs, ports, memory, addresses. Nothing is started to find out."""

import socket

import psutil

from candlefish import process
from candlefish.engines import binaries, orphans
from candlefish.engines.state import State
from candlefish.errors import BinaryMissing, EngineError, MemoryShort, PortTaken
from candlefish.plan.model import Plan
from candlefish.units import render_bytes


def require_binaries() -> None:
    """Raise BinaryMissing that names every program and extension that is not here."""
    missing = binaries.find_missing()
    if missing:
        raise BinaryMissing(
            "missing on this machine: " + ", ".join(need.name for need in missing),
            hint="run `candlefish setup`, which installs them or says how",
        )


def require_memory(plan: Plan) -> None:
    """Raise MemoryShort when the memory that is free now does not hold what the plan gives out."""
    available = psutil.virtual_memory().available
    if available < plan.required_memory_bytes:
        raise MemoryShort(
            f"too little memory: the tier needs {render_bytes(plan.required_memory_bytes)}",
            detail=f"{render_bytes(available)} are free on this machine now",
            hint="end something, give the tier a smaller `machine.memory_ratio`, or use `--light`",
        )


def require_ports(plan: Plan, state: State) -> None:
    """Raise PortTaken, naming who listens, for the first address of the plan that is not free."""
    for what, host, port in addresses(plan):
        _require_address(host)
        if _is_free(host, port):
            continue
        holder = process.find_listener(host, port)
        if holder is not None and orphans.belongs_to(holder, state):
            continue
        who = f"pid {holder.pid} ({holder.name()})" if holder else "a process of another user"
        raise PortTaken(
            f"could not start {what} on {host}:{port}",
            detail=f"the port is taken by {who}",
            hint=f"stop it, or run `candlefish up --port-base {_other_base(plan)}`"
            + (" --name NAME" if plan.name == "candlefish" else ""),
        )


def addresses(plan: Plan) -> tuple[tuple[str, str, int], ...]:
    """Give every address that a tier listens on, with who listens there."""
    etcd, pooler = plan.etcd, plan.pgbouncer
    return (
        (etcd.name, etcd.host, etcd.client_port),
        (etcd.name, etcd.host, etcd.peer_port),
        *((f"PostgreSQL {node.name}", node.host, node.port) for node in plan.postgres.nodes),
        *((f"Patroni of {node.name}", node.host, node.rest_port) for node in plan.postgres.nodes),
        ("PgBouncer", pooler.host, pooler.port),
        *(("Redis " + node.name, node.host, node.port) for node in plan.redis.nodes),
        *(("Sentinel " + node.name, node.host, node.port) for node in plan.redis.sentinels),
    )


def _require_address(host: str) -> None:
    with socket.socket() as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise EngineError(
                f"the loopback address {host} is not on this machine",
                detail=str(error),
                hint=f"macOS: sudo ifconfig lo0 alias {host} up; Linux: sudo ip address add {host}/8 dev lo",
            ) from error


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _other_base(plan: Plan) -> int:
    return int(plan.spec.port_base) + 100
