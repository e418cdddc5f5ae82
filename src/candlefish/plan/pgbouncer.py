"""PgBouncer: its numbers with their reasons, and the text of its ini. The same text serves here and on AWS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from candlefish.plan.model import Address, PgBouncerPlan, Setting
from candlefish.plan.ports import LOOPBACK, pgbouncer_port
from candlefish.spec.limits import ENDPOINTS_ON_ONE_SERVER, pool_room
from candlefish.spec.model import Spec

CONSOLE_ROLE, STATISTICS_ROLE = "candlefish_pooler", "candlefish_monitor"
"""Two roles, because the second may look but not end anybody's connection."""

POOLS_BUSY = 2
"""Pools of one server that work at full size at once: main and session, or read and analytics."""

DATABASES = 4
"""Databases of one tier for which open files are kept: its own and three that were loaded."""

SPARE_FILES = 100
"""Open files of PgBouncer besides connections (listeners, logs, resolver), with room."""

SERVERS_PART = 4
"""Where open files are short, server connections get one in four: pooling needs few."""

READ_LIFETIME_S = 45
"""Seconds that a connection to a replica is used: a replica that returned has its share within a minute."""

READ_CONNECTIONS_EACH = 2
"""Connections that a read pool keeps to each replica while it has a client: with one connection in the pool, a client
that asks one thing after the other would ask the same replica for ever."""

PREPARED_SINCE, POOL_SETTINGS_SINCE = (1, 21), (1, 23)
"""PgBouncer's versions that know max_prepared_statements, and server_lifetime and min_pool_size of one database."""

PREPARED_STATEMENTS = 200
"""Kept for each server connection: more than an application of this size has; the default since 1.24."""

FIXED = (
    Setting("listen_backlog", "4096", "thousands of clients may connect at once; the default of 128 turns them away"),
    Setting("unix_socket_mode", "0700", "the socket is the tier's own"),
    Setting("server_round_robin", "1", "reads go round the replicas; without it 200 of 200 went to one, measured"),
    Setting(
        "server_lifetime", str(READ_LIFETIME_S),
        "a returned replica has its share within a minute; PgBouncer 1.23 and later: of read pools only", "s",
    ),
    Setting("server_login_retry", "1", "a new primary is tried at once; the default waits 15 s", "s"),
    Setting("server_connect_timeout", "3", "a server that does not answer is given up; the default waits 15 s", "s"),
    Setting("server_check_delay", "5", "a connection that was idle for longer is tested before a client gets it", "s"),
    Setting("server_check_query", "select 1", "the health check of a connection"),
    Setting("server_fast_close", "1", "after a change of role no session stays on the old server"),
    Setting("server_reset_query", "DISCARD ALL", "the next client of a session pool finds nothing of the last one"),
    Setting("dns_max_ttl", "15", "at failover the name of a managed primary changes its address", "s"),
    Setting("tcp_keepalive", "1", "a server that vanished is noticed"),
    Setting("tcp_keepidle", "5", "of silence before it is asked", "s"),
    Setting("tcp_keepintvl", "2", "between two questions", "s"),
    Setting("tcp_keepcnt", "3", "questions without an answer"),
    Setting(
        "max_prepared_statements", str(PREPARED_STATEMENTS),
        "prepared statements over transaction pooling, PgBouncer 1.21 and later: 2.5 times the reads, measured",
    ),
    Setting("client_login_timeout", "180", "10,000 scram logins after a restart take 1 to 3 minutes, measured", "s"),
    Setting(
        "ignore_startup_parameters", "extra_float_digits,jit",
        "drivers send them and results stay the same; others are refused aloud, not dropped",
    ),
    Setting("so_reuseport", "0", "a second PgBouncer on the same port is a mistake"),
    Setting("auth_type", "scram-sha-256", "what a client proves is handed on to the server: no password in clear"),
    Setting("admin_users", CONSOLE_ROLE, "whoever runs the tier: reloads and reconnects"),
    Setting("stats_users", STATISTICS_ROLE, "monitoring: may only look"),
    Setting("log_connections", "0", "10,000 clients would fill the log"),
    Setting("log_disconnections", "0", "the same"),
    Setting("stats_period", "60", "over which averages are taken", "s"),
)  # fmt: skip
"""Settings that hold for every size of tier."""


@dataclass(frozen=True, slots=True)
class Pools:
    """How many connections of each kind there may be, and how many run on one server at once."""

    size: int
    size_reason: str
    max_server: int
    max_server_reason: str
    max_clients: int
    max_clients_reason: str
    busy: int
    open_files: int
    open_files_reason: str


@dataclass(frozen=True, slots=True)
class Routes:
    """Where the pooler's databases lead: the primary, every replica (None: not known), those that serve reads."""

    primary: Address
    replicas: tuple[Address | None, ...]
    in_rotation: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """The paths that PgBouncer's ini names."""

    auth_file: str
    pid_file: str
    socket_dir: str


def size_pools(spec: Spec, open_files_hard: int) -> Pools:
    """Return the pools that the servers' max_connections and this machine's open files allow."""
    declared = spec.pgbouncer
    max_server = max(1, min(declared.max_server_connections, pool_room(spec.postgres.max_connections)))
    size = min(declared.pool_size, max_server)
    endpoints = ENDPOINTS_ON_ONE_SERVER + max(1, spec.postgres.nodes - 1)
    servers = max_server * endpoints * DATABASES
    clients, clients_reason, files, files_reason = _fit_files(declared.max_client_connections, servers, open_files_hard)
    return Pools(
        size=size,
        size_reason="declared" if size == declared.pool_size else f"declared are {declared.pool_size}",
        max_server=max_server,
        max_server_reason=_max_server_reason(spec, max_server),
        max_clients=clients,
        max_clients_reason=clients_reason,
        busy=POOLS_BUSY * size,
        open_files=files,
        open_files_reason=files_reason,
    )


def _fit_files(clients: int, servers: int, hard: int) -> tuple[int, str, int, str]:
    """Return the clients that the open files allow, and the open files, each with its reason."""
    wanted = clients + servers + SPARE_FILES
    if wanted <= hard:
        reason = f"{clients:,} clients, {servers:,} server connections and {SPARE_FILES} to spare"
        return clients, "declared", wanted, reason
    kept = min(servers, hard // SERVERS_PART) + SPARE_FILES
    return (
        max(1, min(clients, hard - kept)),
        f"declared are {clients:,}, but this machine allows {hard:,} open files and {kept:,} are kept for servers",
        hard,
        f"this machine's hard limit; what is declared needs {wanted:,}",
    )


def _max_server_reason(spec: Spec, max_server: int) -> str:
    declared, most = spec.pgbouncer.max_server_connections, spec.postgres.max_connections
    taken = ENDPOINTS_ON_ONE_SERVER * max_server
    reason = f"{ENDPOINTS_ON_ONE_SERVER} endpoints that may lead to one server take {taken} of its {most} connections"
    return f"declared; {reason}" if declared == max_server else f"declared are {declared}; {reason}"


def plan_pgbouncer(spec: Spec, pools: Pools) -> PgBouncerPlan:
    """Return the pooler's address and settings."""
    return PgBouncerPlan(
        host=LOOPBACK,
        port=pgbouncer_port(spec),
        settings=tuple(_settings(spec, pools)),
        pool_size=pools.size,
        max_db_connections=pools.max_server,
        max_client_connections=pools.max_clients,
    )


def _settings(spec: Spec, pools: Pools) -> Iterator[Setting]:
    yield Setting("listen_addr", LOOPBACK, "nothing listens beyond this machine")
    yield Setting("listen_port", str(pgbouncer_port(spec)), "the one port that applications use")
    yield Setting("max_client_conn", str(pools.max_clients), pools.max_clients_reason)
    yield Setting("default_pool_size", str(pools.size), f"{pools.size_reason}; for each database and user")
    yield Setting("max_db_connections", str(pools.max_server), pools.max_server_reason)
    yield Setting(
        "query_wait_timeout", f"{spec.pgbouncer.query_wait_timeout:g}",
        "declared: clients wait out a failover (4 to 21 s, measured) and are not held for ever", "s",
    )  # fmt: skip
    replicas = max(1, spec.postgres.nodes - 1)
    yield Setting(
        "min_pool_size", str(READ_CONNECTIONS_EACH * replicas),
        "also a client that asks one thing at a time goes round on them; PgBouncer 1.23 and later: of read pools only",
    )  # fmt: skip
    yield from FIXED


def render_ini(
    plan: PgBouncerPlan,
    routes: Routes,
    databases: Sequence[str],
    *,
    files: Files,
    version: tuple[int, ...],
    server_user: str = "",
) -> str:
    """Return pgbouncer.ini for this version of PgBouncer: five kinds of endpoint for each database.

    With `server_user` PgBouncer logs in to the servers as that user, whoever the client is.
    """
    settings = {setting.name: setting.value for setting in plan.settings}
    if version < PREPARED_SINCE:
        settings.pop("max_prepared_statements", None)
    of_reads: dict[str, str] = {}
    if version >= POOL_SETTINGS_SINCE:
        of_reads = {name: settings.pop(name) for name in ("server_lifetime", "min_pool_size") if name in settings}
    paths = {"auth_file": files.auth_file, "pidfile": files.pid_file, "unix_socket_dir": files.socket_dir}
    login = f" user={server_user}" if server_user else ""
    entries = [line + login for database in databases for line in _entries(database, routes, of_reads)]
    options = [f"{name} = {value}" for name, value in (settings | paths).items()]
    return "\n".join(["[databases]", *entries, "", "[pgbouncer]", *options, ""])


def _entries(database: str, routes: Routes, of_reads: dict[str, str]) -> Iterator[str]:
    rotation = routes.in_rotation or (routes.primary,)
    yield _entry(f"{database}_main", database, (routes.primary,), "transaction")
    yield _entry(f"{database}_read", database, rotation, "transaction", of_reads)
    for number, replica in enumerate(routes.replicas or (None,), start=1):
        target = (replica or routes.primary,)
        yield _entry(f"{database}_read_{number}", database, target, "transaction")
    yield _entry(f"{database}_session", database, (routes.primary,), "session")
    yield _entry(f"{database}_analytics", database, rotation[-1:], "statement", of_reads)


def _entry(
    name: str, database: str, servers: tuple[Address, ...], mode: str, more: dict[str, str] | None = None
) -> str:
    """Give one line of [databases]; a host list has one port, because PgBouncer 1.18 uses the first of several."""
    ports = {server.port for server in servers}
    if len(ports) != 1:
        raise ValueError(f"{name}: servers with different ports ({sorted(ports)}) can't share a host list")
    words = {
        "host": ",".join(server.host for server in servers),
        "port": str(servers[0].port),
        "dbname": database,
        "pool_mode": mode,
        **(more or {}),
    }
    return f"{name} = " + " ".join(f"{key}={value}" for key, value in words.items())
