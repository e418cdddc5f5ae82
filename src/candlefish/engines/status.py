"""The tier as it is now: each program with its role, the lag, the pools, the memory, and one verdict."""

import contextlib
from dataclasses import dataclass
from typing import Any

import psutil

from candlefish.engines import changes, patroni, pgbouncer, redis
from candlefish.engines.changes import ChangesStatus
from candlefish.engines.events import Event, load_events
from candlefish.engines.stack import Stack
from candlefish.engines.supervisor import ProcessInfo
from candlefish.errors import EngineError
from candlefish.results import Finding


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """One program: `role` is what it does now, `memory_bytes` is its own and its children's, shared pages once."""

    name: str
    state: str
    pid: int
    uptime_s: float
    role: str
    address: str
    lag_s: float | None
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """One pool of PgBouncer: its clients and its server connections."""

    database: str
    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int
    longest_wait_s: float


@dataclass(frozen=True, slots=True)
class TierStatus:
    """All of it; `findings` is empty on a tier that is whole."""

    name: str
    verdict: str
    findings: tuple[Finding, ...]
    programs: tuple[ProgramStatus, ...]
    pools: tuple[PoolStatus, ...]
    databases: tuple[str, ...]
    events: tuple[Event, ...]
    changes: ChangesStatus | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


def fetch_status(stack: Stack) -> TierStatus:
    """Ask every part of a running tier what it does; raise TierNotRunning when it is down."""
    stack.require_running()
    infos = stack.supervisor.processes()
    members = patroni.fetch_members(stack.plan.postgres)
    routes = stack.state.read_json(stack.state.routes) or {}
    programs = (
        *(_plain(infos, name, address) for name, address in _plain_programs(stack)),
        *_postgres(stack, infos, members, routes),
        *_redis(stack, infos),
        *(_plain(infos, s.name, f"{s.host}:{s.port}", "sentinel") for s in stack.plan.redis.sentinels),
    )
    pools, pool_findings = _pools(stack)
    follower = changes.fetch_status(stack.tier, stack.primary())
    waiting = tuple(
        Finding(
            name,
            "warning",
            "has settings that wait for a restart",
            # PostgreSQL starts a standby with no less than the primary had: seen with max_connections 500 -> 450.
            "candlefish down, then candlefish up; a max_connections that was lowered stays as it was",
        )
        for name, member in members.items()
        if member.get("pending_restart")
    )
    late = changes.find_problems(follower) if follower else ()
    findings = (*_findings(stack, programs), *pool_findings, *waiting, *late)
    critical = [finding for finding in findings if finding.severity == "critical"]
    if not findings:
        verdict = "whole: every program runs, every replica serves reads"
    else:
        first = (critical or list(findings))[0]
        verdict = f"{'broken' if critical else 'degraded'}: {first.subject} {first.message}"
    return TierStatus(
        stack.plan.name, verdict, findings, programs, pools, stack.databases(), load_events(stack.state), follower
    )


def _plain_programs(stack: Stack) -> tuple[tuple[str, str], ...]:
    plan = stack.plan
    return (
        (plan.etcd.name, f"{plan.etcd.host}:{plan.etcd.client_port}"),
        (pgbouncer.NAME, f"{plan.pgbouncer.host}:{plan.pgbouncer.port}"),
        ("follow", ""),
        *(((changes.NAME, ""),) if plan.spec.cache.rules else ()),
    )


def _plain(infos: dict[str, ProcessInfo], name: str, address: str, role: str = "") -> ProgramStatus:
    info = infos.get(name)
    state = info.state if info else "missing"
    return ProgramStatus(
        name,
        state,
        info.pid if info else 0,
        info.uptime_s if info else 0.0,
        role,
        address,
        None,
        _memory(info),
    )


def _postgres(
    stack: Stack, infos: dict[str, ProcessInfo], members: dict[str, dict[str, Any]], routes: dict[str, Any]
) -> tuple[ProgramStatus, ...]:
    rows = []
    for node in stack.plan.postgres.nodes:
        member, info = members.get(node.name, {}), infos.get(node.name)
        role = {"leader": "primary", "sync_standby": "synchronous standby"}.get(member.get("role", ""), "replica")
        if member.get("state") not in ("running", "streaming"):
            role = member.get("state", "no answer")
        elif role != "primary" and node.name not in routes.get("rotation", ()):
            role += ", serves no reads"
        lag = routes.get("lag_s", {}).get(node.name) if role != "primary" else None
        rows.append(
            ProgramStatus(
                node.name, info.state if info else "missing", info.pid if info else 0, info.uptime_s if info else 0.0,
                role, f"{node.host}:{node.port}", lag, _memory(info),
            )
        )  # fmt: skip
    return tuple(rows)


def _redis(stack: Stack, infos: dict[str, ProcessInfo]) -> tuple[ProgramStatus, ...]:
    rows = []
    for node in stack.plan.redis.nodes:
        said, info = redis.fetch_info(node, stack.tier.secrets.redis), infos.get(node.name)
        role, lag = "no answer", None
        if said:
            role = "primary" if said["role"] == "master" else "replica"
            if role == "replica" and said.get("master_link_status") != "up":
                role = "replica, not linked"
            lag = float(said["master_last_io_seconds_ago"]) if role == "replica" else None
        rows.append(
            ProgramStatus(
                node.name, info.state if info else "missing", info.pid if info else 0, info.uptime_s if info else 0.0,
                role, f"{node.host}:{node.port}", lag, _memory(info),
            )
        )  # fmt: skip
    return tuple(rows)


def _memory(info: ProcessInfo | None) -> int:
    """Add up the proportional memory of a program and its children; 0 where the kernel does not tell."""
    total = 0
    if info and info.pid:
        with contextlib.suppress(psutil.Error):
            parent = psutil.Process(info.pid)
            for member in (parent, *parent.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += getattr(member.memory_full_info(), "pss", 0)
    return total


def _pools(stack: Stack) -> tuple[tuple[PoolStatus, ...], tuple[Finding, ...]]:
    try:
        rows = pgbouncer.fetch_console(stack.tier, "show pools")
    except EngineError as error:
        return (), (Finding(pgbouncer.NAME, "critical", error.message),)
    pools = tuple(
        PoolStatus(
            row["database"], row["cl_active"], row["cl_waiting"], row["sv_active"], row["sv_idle"],
            row["maxwait"] + row["maxwait_us"] / 1e6,
        )
        for row in rows
        if row["database"] != "pgbouncer"
    )  # fmt: skip
    waiting = tuple(
        Finding(
            pool.database,
            "warning",
            f"has {pool.clients_waiting} clients waiting for {pool.longest_wait_s:.1f} s",
        )
        for pool in pools
        if pool.clients_waiting and pool.longest_wait_s > 1
    )
    return pools, waiting


def _findings(stack: Stack, programs: tuple[ProgramStatus, ...]) -> tuple[Finding, ...]:
    found = []
    for program in programs:
        if program.state != "running":
            found.append(Finding(program.name, "critical", f"is {program.state}", f"candlefish logs {program.name}"))
        elif program.role and not _is_fit(program.role):
            found.append(
                Finding(program.name, "warning", f"is up but: {program.role}", f"candlefish logs {program.name}")
            )
    for engine, nodes in (("PostgreSQL", stack.plan.postgres.nodes), ("Redis", stack.plan.redis.nodes)):
        names = {node.name for node in nodes}
        primaries = [program.name for program in programs if program.name in names and program.role == "primary"]
        if len(primaries) != 1:
            said = "has no primary" if not primaries else f"has {len(primaries)} primaries: {', '.join(primaries)}"
            found.append(Finding(engine, "critical", said, "a failover takes seconds; then see `candlefish logs`"))
    named = redis.fetch_named(stack.plan.redis, stack.tier.secrets.redis)
    if len(named) > 1:
        said = f"has Sentinels that name different primaries: {', '.join(sorted(named))}"
        found.append(
            Finding("Redis", "warning", said, "they agree seconds after a failover; then see `candlefish logs`")
        )
    return tuple(found)


def _is_fit(role: str) -> bool:
    return role in ("primary", "synchronous standby", "replica", "sentinel")
