"""The environment of the container, read once and checked whole: every mistake is named, no secret is shown."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from candlefish.errors import UsageError
from candlefish.plan.pgbouncer import STATISTICS_ROLE
from candlefish.spec.model import PGBOUNCER_PORT
from candlefish.spec.names import check_database_name

POSTGRES_PORT = 5432
CA_FILE = "/etc/candlefish/rds-global-bundle.pem"
"""Where the image keeps the authorities that sign the certificates of RDS."""

STOP_TIMEOUT_S = 120
"""What ECS waits between SIGTERM and SIGKILL at most (ECS, "Task definition parameters": stopTimeout)."""

ANSWER_S = 4.0
"""An answer of the console takes a millisecond; ECS gives its health check 5 s."""

CLOSE_S, KILL_S = 8.0, 3.0
"""After the drain: seconds for the transactions of the moment to end, and for PgBouncer to obey each last signal."""

LONGEST_DRAIN_S = STOP_TIMEOUT_S - ANSWER_S - CLOSE_S - 2 * KILL_S - 1
"""So that the container has ended by itself, with a second to spare, when ECS would kill it."""

USER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
"""Names that stand in PgBouncer's ini and in SQL as they are."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")
_SETTING = re.compile(r"[a-z][a-z0-9_]*")

Tls = Literal["verify-full", "disable"]


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL servers: the primary and its replicas, and how far their certificates are trusted."""

    host: str
    port: int
    database: str
    read_hosts: tuple[str, ...]
    tls: Tls
    ca_file: str


@dataclass(frozen=True, slots=True)
class LoginSource:
    """Where a name and a password come from: an AWS secret, or a name and a file, or a name and a variable."""

    secret: str = ""
    username: str = ""
    file: str = ""
    password: str = field(default="", repr=False)
    variable: str = ""

    @property
    def shown(self) -> str:
        """Name the place, never the password."""
        return f"the secret {self.secret}" if self.secret else f"{self.variable}{'_FILE' if self.file else ''}"


@dataclass(frozen=True, slots=True)
class CertificateSource:
    """Where the pooler's own certificate and key come from: an AWS secret, two files, or two variables."""

    secret: str = ""
    certificate_file: str = ""
    key_file: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PoolerEnvironment:
    """What `run` goes by; `monitor` is None when nobody but the container itself looks at the console."""

    server: Server
    app: LoginSource
    monitor: LoginSource | None
    certificate: CertificateSource | None
    settings: Mapping[str, str]
    tier: str
    folder: Path
    listen: str
    port: int
    program: str
    drain_s: float
    secret_poll_s: float
    metrics_s: float


class Reader:
    """Reads variables and collects what is wrong with them, so that one start names every mistake."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """Return a variable; one without a default must be set."""
        value = self.env.get(name, "").strip() or default
        if value is None:
            self.problems.append(f"{name} is not set")
        return value or ""

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        """Return a number within bounds."""
        text = self.env.get(name, "").strip()
        try:
            value = float(text) if text else default
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            self.problems.append(f"{name} is {text!r}: write a number from {low:g} to {high:g}")
        return value

    def host(self, name: str, value: str) -> str:
        """Return a host name or address after a look at it."""
        if value and not _HOST.fullmatch(value):
            self.problems.append(f"{name} holds {value!r}, which is no host name")
        return value

    def one_of(self, name: str, default: str, *known: str) -> str:
        """Return one of the words that are known."""
        value = self.text(name, default)
        if value not in known:
            self.problems.append(f"{name} is {value!r}: write one of {', '.join(known)}")
        return value

    def login(self, prefix: str, secret_variable: str, *, username: str | None) -> LoginSource:
        """Return where a login comes from: the secret when it is named, otherwise PREFIX_USERNAME and its password."""
        if secret := self.text(secret_variable, ""):
            return LoginSource(secret=secret, variable=secret_variable)
        name, variable = self.text(f"{prefix}_USERNAME", username), f"{prefix}_PASSWORD"
        if name and not USER_NAME.fullmatch(name):
            self.problems.append(f"{prefix}_USERNAME is {name!r}: write letters, digits and underscores, 63 at most")
        file, password = self.text(f"{variable}_FILE", ""), self.env.get(variable, "")
        if not file and not password:
            self.problems.append(f"none of {secret_variable}, {variable}_FILE and {variable} is set")
        return LoginSource(username=name, file=file, password=password, variable=variable)

    def finish(self) -> None:
        """Raise UsageError when anything was wrong."""
        if self.problems:
            raise UsageError(
                "the environment of the container is wrong",
                detail="\n        ".join(dict.fromkeys(self.problems)),
                hint="docs/pooler-image.md lists every variable; on AWS the Terraform module sets them",
            )


def read_server(reader: Reader) -> Server:
    """Read where the database is."""
    database = reader.text("DB_NAME")
    if database and (wrong := check_database_name(database)):
        reader.problems.append(f"DB_NAME: {wrong}")
    tls = reader.one_of("DB_TLS", "verify-full", "verify-full", "disable")
    ca_file = reader.text("DB_CA_FILE", CA_FILE)
    if tls != "disable" and not Path(ca_file).is_file():
        reader.problems.append(f"DB_CA_FILE is {ca_file}, which is not there (DB_TLS=disable: a database without TLS)")
    read_hosts = (host.strip() for host in reader.text("DB_READ_HOSTS", "").split(","))
    return Server(
        host=reader.host("DB_HOST", reader.text("DB_HOST")),
        port=int(reader.number("DB_PORT", POSTGRES_PORT, low=1, high=65535)),
        database=database,
        read_hosts=tuple(reader.host("DB_READ_HOSTS", host) for host in read_hosts if host),
        tls="disable" if tls == "disable" else "verify-full",
        ca_file=ca_file,
    )


def read_pooler(env: Mapping[str, str]) -> PoolerEnvironment:
    """Return what `run` goes by; raise UsageError that names every mistake."""
    reader = Reader(env)
    settings = _settings(reader)
    watched = any(map(env.get, ("AWS_MONITOR_SECRET_NAME", "MONITOR_PASSWORD", "MONITOR_PASSWORD_FILE")))
    found = PoolerEnvironment(
        server=read_server(reader),
        app=reader.login("DB", "AWS_SECRET_NAME", username=None),
        monitor=reader.login("MONITOR", "AWS_MONITOR_SECRET_NAME", username=STATISTICS_ROLE) if watched else None,
        certificate=_certificate(reader),
        settings=settings,
        tier=reader.text("TIER_NAME", "candlefish"),
        folder=read_folder(env),
        listen=reader.text("LISTEN_ADDR", "0.0.0.0"),
        port=_port(reader, settings),
        program=reader.text("PGBOUNCER_PROGRAM", ""),
        drain_s=reader.number("DRAIN_S", 100, low=0, high=LONGEST_DRAIN_S),
        secret_poll_s=reader.number("SECRET_POLL_S", 60, low=0.1, high=3600),
        metrics_s=reader.number("METRICS_S", 60, low=0.1, high=3600),
    )
    reader.finish()
    return found


def _port(reader: Reader, settings: Mapping[str, str]) -> int:
    given = settings.get("listen_port", "")
    default = int(given) if given.isdecimal() else PGBOUNCER_PORT
    return int(reader.number("LISTEN_PORT", default, low=1, high=65535))


def read_folder(env: Mapping[str, str]) -> Path:
    """Return the one folder that the container may write."""
    return Path(env.get("RUN_DIR", "").strip() or "/run/candlefish")


def _certificate(reader: Reader) -> CertificateSource | None:
    if secret := reader.text("AWS_TLS_SECRET_NAME", ""):
        return CertificateSource(secret=secret)
    names = ("TLS_CERTIFICATE_FILE", "TLS_PRIVATE_KEY_FILE", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")
    certificate_file, key_file, certificate, key = (reader.env.get(name, "") for name in names)
    if bool(certificate_file or certificate) != bool(key_file or key):
        reader.problems.append("TLS_CERTIFICATE and TLS_PRIVATE_KEY (or their _FILEs) go together: one is missing")
    if not (certificate_file or certificate):
        return None
    return CertificateSource(certificate_file=certificate_file, key_file=key_file, certificate=certificate, key=key)


def _settings(reader: Reader) -> Mapping[str, str]:
    text = reader.text("PGBOUNCER_SETTINGS", "{}")
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        reader.problems.append('PGBOUNCER_SETTINGS is no JSON object such as {"default_pool_size": "25"}')
        return {}
    for name, value in given.items():
        if not _SETTING.fullmatch(name) or not isinstance(value, str | int | float) or "\n" in str(value):
            reader.problems.append(f"PGBOUNCER_SETTINGS: {name!r} is no setting with one value on one line")
    return {name: str(int(value) if isinstance(value, bool) else value) for name, value in given.items()}
