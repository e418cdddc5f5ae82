"""pgbouncer.ini of the container: the plan's settings, and what only the container knows."""

import re
from dataclasses import dataclass
from pathlib import Path

from candlefish import process
from candlefish.errors import EngineError
from candlefish.plan.model import Address, PgBouncerPlan, Setting
from candlefish.plan.pgbouncer import SPARE_FILES, Files, Routes, plan_pgbouncer, render_ini, size_pools
from candlefish.pooler.environment import PoolerEnvironment
from candlefish.spec.model import Spec

OLDEST = (1, 23)
"""The first PgBouncer whose SIGINT closes its port and sends clients away between transactions (its NEWS, 1.23.0)."""

_OPEN_FILES = 1 << 20
"""Without PGBOUNCER_SETTINGS the pools get what the plan declares: open files are checked by PgBouncer itself."""

_VERSION = re.compile(r"PgBouncer (\d+)\.(\d+)")

LEAVING_IDLE_S = 5
"""While the pooler drains, a client that asked nothing for so long is sent away: it is between two transactions, and
far from the moment in which its next query could cross the closing of the connection."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of the run folder."""

    folder: Path

    @property
    def ini(self) -> Path:
        """PgBouncer's configuration."""
        return self.folder / "pgbouncer.ini"

    @property
    def users(self) -> Path:
        """PgBouncer's list of users."""
        return self.folder / "users.txt"

    @property
    def access(self) -> Path:
        """What the health check needs."""
        return self.folder / "access.json"


def find_pgbouncer(program: str) -> tuple[Path, tuple[int, ...]]:
    """Return PgBouncer and its version; raise EngineError for one that is too old, BinaryMissing when there is none."""
    path = Path(program) if program else process.find_binary("pgbouncer")
    said = process.run([path, "--version"], timeout_s=10).stdout
    match = _VERSION.search(said)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if version < OLDEST:
        raise EngineError(
            f"{path} is PgBouncer {version[0]}.{version[1]}, the container needs {OLDEST[0]}.{OLDEST[1]} or newer",
            detail="older ones cut their clients' transactions when they are stopped",
            hint="use the image of image/Dockerfile, or set PGBOUNCER_PROGRAM to a newer one",
        )
    return path, version


def render(
    environment: PoolerEnvironment,
    *,
    version: tuple[int, ...],
    server_user: str,
    monitor: str,
    certificate: tuple[Path, Path],
    leaving: bool = False,
) -> str:
    """Return the ini; `leaving` also sends idle clients away."""
    server, paths = environment.server, Paths(environment.folder)
    routes = Routes(
        primary=Address(server.host, server.port),
        replicas=tuple(Address(host, server.port) for host in server.read_hosts),
        in_rotation=tuple(Address(host, server.port) for host in server.read_hosts),
    )
    settings = merge_settings(environment) | _own_settings(environment, monitor, certificate)
    if leaving:
        settings["client_idle_timeout"] = str(LEAVING_IDLE_S)
    plan = PgBouncerPlan(
        host=environment.listen,
        port=environment.port,
        settings=tuple(Setting(name, value, "") for name, value in settings.items()),
        pool_size=int(settings["default_pool_size"]),
        max_db_connections=int(settings["max_db_connections"]),
        max_client_connections=int(settings["max_client_conn"]),
    )
    files = Files(str(paths.users), str(environment.folder / "pgbouncer.pid"), "")
    return render_ini(plan, routes, [server.database], files=files, version=version, server_user=server_user)


def merge_settings(environment: PoolerEnvironment) -> dict[str, str]:
    """Return the settings that were given over those of a tier that nobody declared anything for."""
    spec = Spec()
    declared = plan_pgbouncer(spec, size_pools(spec, _OPEN_FILES))
    return {setting.name: setting.value for setting in declared.settings} | dict(environment.settings)


def count_open_files(environment: PoolerEnvironment) -> int:
    """Return the files that PgBouncer may hold open: every client, and every server connection of every endpoint."""
    settings = merge_settings(environment)
    endpoints = 4 + max(1, len(environment.server.read_hosts))  # main, read, session, analytics, one for each replica
    return int(settings["max_client_conn"]) + endpoints * int(settings["max_db_connections"]) + SPARE_FILES


def _own_settings(environment: PoolerEnvironment, monitor: str, certificate: tuple[Path, Path]) -> dict[str, str]:
    chain, key = certificate
    own = {
        "listen_addr": environment.listen,
        "listen_port": str(environment.port),
        "stats_users": monitor,
        "admin_users": "",  # nobody: whoever runs the container has signals
        "auth_type": "scram-sha-256",
        "client_tls_sslmode": "require",
        "client_tls_cert_file": str(chain),
        "client_tls_key_file": str(key),
        "server_tls_sslmode": environment.server.tls,
    }
    if environment.server.tls != "disable":
        own["server_tls_ca_file"] = environment.server.ca_file
    return own
