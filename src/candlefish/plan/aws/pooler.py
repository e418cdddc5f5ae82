"""PgBouncer on ECS: how many tasks, and what each of them may hold so that all together stay within the promises."""

from collections.abc import Iterator
from dataclasses import dataclass

from candlefish.errors import UsageError
from candlefish.plan.model import Setting
from candlefish.plan.objectives import find_objective
from candlefish.plan.pgbouncer import (
    FIXED,
    POOLS_BUSY,
    READ_CONNECTIONS_EACH,
    SPARE_FILES,
    Pools,
    plan_pgbouncer,
)
from candlefish.spec.check_estate import DEPLOYMENT_MAX_RATIO
from candlefish.spec.limits import RESERVED_CONNECTIONS
from candlefish.spec.model import PGBOUNCER_PORT, PostgresSpec, Spec

POOLER_VCPU, POOLER_GB = 0.5, 1.0
"""PgBouncer has one thread, and holds 10,000 clients in 64 MB (measured here); 1 GB is the smallest for 0.5 vCPU."""

FARGATE_OPEN_FILES = 65_535
"""Soft and hard limit of a Fargate task (AWS, ECS API reference: Ulimit)."""

ON_PRIMARY = ("main", "session")
ON_REPLICA = ("read", "read of its own", "analytics")
"""Databases of the pooler that lead to the one or the other; the primary has all of them where there is no replica."""

NLB_IDLE_S = 350
"""Silence after which a Network Load Balancer forgets a connection, by default (AWS, "Update the TCP idle timeout")."""

UNACKNOWLEDGED_MS = 60_000
"""Linux alone would send a lost packet again for 15 minutes; much less would end a client that reads slowly."""

RDS_DNS_TTL_S = 5
"""Of an RDS endpoint, which changes its address at failover (seen in DNS; AWS itself only asks for less than 30 s)."""


@dataclass(frozen=True, slots=True)
class Pooler:
    """The service: tasks, the most there can be at once, the size of each, and PgBouncer's settings in each.

    `pool_size` and `max_db_connections` are those of one task; `most_on_*` are the server connections of all tasks
    that there can be at once, together on one database of the pooler, on the primary, on each replica.
    """

    tasks: int
    max_tasks: int
    most_tasks: int
    vcpu: float
    memory_gb: float
    port: int
    open_files: int
    open_files_reason: str
    pool_size: int
    max_db_connections: int
    most_on_database: int
    most_on_primary: int
    most_on_replica: int
    settings: tuple[Setting, ...]


def make_pooler(spec: Spec) -> Pooler:
    """Return the service, its pools counted for the most tasks that can run at once; raise UsageError when none fit."""
    tasks, most = spec.aws.pooler_tasks, spec.aws.pooler_max_tasks * DEPLOYMENT_MAX_RATIO
    pools = _size_task(spec, tasks, most)
    primary, replica = databases_on_servers(spec)
    everything = most * pools.max_server
    return Pooler(
        tasks=tasks,
        max_tasks=spec.aws.pooler_max_tasks,
        most_tasks=most,
        vcpu=POOLER_VCPU,
        memory_gb=POOLER_GB,
        port=spec.pgbouncer.port or PGBOUNCER_PORT,
        open_files=pools.open_files,
        open_files_reason=pools.open_files_reason,
        pool_size=pools.size,
        max_db_connections=pools.max_server,
        most_on_database=everything,
        most_on_primary=everything * primary,
        most_on_replica=everything * replica,
        settings=tuple(_settings(spec, pools)),
    )


def databases_on_servers(spec: Spec) -> tuple[int, int]:
    """Return how many databases of the pooler may lead to the primary, and how many to a single replica."""
    if spec.postgres.read_replicas:
        return len(ON_PRIMARY), len(ON_REPLICA)
    return len(ON_PRIMARY) + len(ON_REPLICA), 0


def connections_alert(spec: Spec) -> int:
    """Return the connections of one server from which somebody is told: what is promised, on a smaller server less."""
    alert = find_objective("connections_on_a_server").alert
    if alert is None:
        raise ValueError("connections_on_a_server has no alert")
    declared: int = PostgresSpec.model_fields["max_connections"].default
    return int(min(alert.threshold, spec.postgres.max_connections * alert.threshold / declared))


def _size_task(spec: Spec, tasks: int, most: int) -> Pools:
    """Return the pools of one task of `most`."""
    shared, reason = _share_servers(spec)
    if shared < most:
        raise UsageError(
            f"{most} tasks of PgBouncer can't share {shared} server connections of a database: not one for each",
            detail=f"{reason}; {spec.aws.pooler_max_tasks} tasks are {most} during a deployment",
            hint="raise postgres.max_connections, or lower aws.pooler_max_tasks and aws.pooler_tasks",
        )
    each = shared // most
    size = max(1, min(spec.pgbouncer.pool_size // tasks, each))
    clients, clients_reason, files, files_reason = _fit_files(spec, each)
    return Pools(
        size=size,
        size_reason=_size_reason(spec, tasks, size),
        max_server=each,
        max_server_reason=f"{shared} over {most} tasks, the most at once (a deployment at full autoscaling); {reason}",
        max_clients=clients,
        max_clients_reason=clients_reason,
        busy=POOLS_BUSY * size,
        open_files=files,
        open_files_reason=files_reason,
    )


def _share_servers(spec: Spec) -> tuple[int, str]:
    """Return the server connections that each database may have over all tasks, and what decides it."""
    promised, declared = int(find_objective("server_connections").target or 0), spec.pgbouncer.max_server_connections
    alert, on_one = connections_alert(spec), max(databases_on_servers(spec))
    room = (alert - RESERVED_CONNECTIONS) // on_one
    if room < min(promised, declared):
        return max(0, room), (
            f"{on_one} databases may lead to one server, which has {alert} connections until somebody is told "
            f"and keeps {RESERVED_CONNECTIONS} of them; declared are {declared}"
        )
    if promised < declared:
        return promised, f"{declared} are declared, {promised} are promised"
    return declared, "declared"


def _size_reason(spec: Spec, tasks: int, size: int) -> str:
    declared = spec.pgbouncer.pool_size
    even = declared // tasks
    return f"{declared} over {tasks} tasks" + (f" would be {even}, but only {size} fit" if size < even else "")


def _fit_files(spec: Spec, servers_each: int) -> tuple[int, str, int, str]:
    """Return the clients that a task's open files allow, and the open files, each with its reason."""
    endpoints = len(ON_PRIMARY) + len(ON_REPLICA) - 1 + max(1, spec.postgres.read_replicas)
    kept = endpoints * servers_each + SPARE_FILES
    declared = spec.pgbouncer.max_client_connections
    clients = min(declared, FARGATE_OPEN_FILES - kept)
    reason = "each task can serve all clients alone"
    if clients < declared:
        reason = f"declared are {declared:,}, but a Fargate task has {FARGATE_OPEN_FILES:,} open files"
    files = f"{clients:,} clients and {kept} for servers and spare; the default of 1,024 elsewhere makes clients hang"
    return clients, reason, clients + kept, files


def _settings(spec: Spec, pools: Pools) -> Iterator[Setting]:
    """Give the settings of the tier here, those apart that the network of AWS wants otherwise."""
    own = {setting.name: setting for setting in _on_aws(spec, pools)}
    for setting in plan_pgbouncer(spec, pools).settings:
        yield own.pop(setting.name, setting)
    yield from own.values()


def _on_aws(spec: Spec, pools: Pools) -> Iterator[Setting]:
    yield Setting("listen_addr", "0.0.0.0", "the security group lets in nobody but the load balancer")
    yield Setting("listen_port", str(spec.pgbouncer.port or PGBOUNCER_PORT), "the one port that applications use")
    waiting = f"{spec.pgbouncer.query_wait_timeout:g}"
    reason = "declared; to wait out a failover of RDS too, which takes 60 to 120 s, it would have to be longer"
    yield Setting("query_wait_timeout", waiting, reason, "s")
    wanted = READ_CONNECTIONS_EACH * max(1, spec.postgres.read_replicas)
    reason = f"{READ_CONNECTIONS_EACH} for each replica: also a client that asks one thing at a time goes round on them"
    if wanted > pools.size:
        reason += f"; {wanted} would be more than the pool"
    yield Setting("min_pool_size", str(min(wanted, pools.size)), f"{reason}; of read pools only")
    silence = next(setting for setting in FIXED if setting.name == "tcp_keepidle")
    reason = f"{silence.reason}; far below the {NLB_IDLE_S} s after which the load balancer forgets a connection"
    yield Setting(silence.name, silence.value, reason, silence.unit)
    reason = "a query on its way to a server that vanished fails, and is not sent again for 15 minutes"
    yield Setting("tcp_user_timeout", str(UNACKNOWLEDGED_MS), reason, "ms")
    reason = "as long as RDS's own names live: at failover the primary's name changes its address"
    yield Setting("dns_max_ttl", str(RDS_DNS_TTL_S), reason, "s")
