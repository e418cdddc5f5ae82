"""A PostgreSQL with TLS like that of RDS, certificates, a stand-in for AWS, and the container's program."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from tests.conftest import PORT_BASE

from candlefish import process
from candlefish.aws import secrets
from candlefish.engines.binaries import find_pgbouncer
from candlefish.engines.runtime import Runtime, make_runtime
from candlefish.engines.state import State
from candlefish.pooler.bootstrap import bootstrap, read_roles

POSTGRES_PORT, POOLER_PORT, SECOND_PORT, AWS_PORT = (PORT_BASE + offset for offset in (60, 61, 62, 63))
"""Beyond those of the tier that other tests share, which end with PgBouncer's at PORT_BASE + 50."""

HOST = "localhost"
DATABASE = "shop"
ADMIN, APP, MONITOR = "candlefish_admin", "candlefish_app", "candlefish_monitor"
PASSWORDS = {name: f"{name.replace('_', '')}Password0123456789" for name in (ADMIN, APP, MONITOR)}
WAIT_S = 60.0
"""A machine that tests share is slow at times; no test asserts how long anything takes."""


@dataclass(frozen=True)
class Place:
    """A folder that the service user may enter, and the Python that this user runs."""

    folder: Path
    runtime: Runtime

    def run(self, *argv: str | Path, env: Mapping[str, str] | None = None) -> process.Completed:
        """Run a program of the engines as the service user."""
        done = process.run(argv, user=process.service_user(), cwd=self.folder, env=env, timeout_s=120)
        assert done.returncode == 0, done.stderr + done.stdout
        return done


@dataclass(frozen=True)
class Certificates:
    """An authority, what it signed for the server, and an authority that nobody knows."""

    authority: Path
    server: Path
    key: Path
    stranger: Path


@dataclass
class Program:
    """`python -m candlefish.pooler run` as it runs, and all that it wrote."""

    child: "subprocess.Popen[str]"
    port: int
    env: dict[str, str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    readers: list[threading.Thread] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all that it wrote."""
        return "\n".join([*self.out, *self.err])

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Wait until a line with this text has come so often."""
        found = process.wait_until(
            lambda: sum(text in line for line in [*self.out, *self.err]) >= times or self.child.poll() is not None,
            timeout_s=WAIT_S,
        )
        assert found, f"no {text!r} in:\n{self.text}"
        if self.child.poll() is not None:
            for reader in self.readers:
                reader.join(WAIT_S)
        assert sum(text in line for line in [*self.out, *self.err]) >= times, self.text

    def stop(self) -> int:
        """Order it to stop and return its exit code."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(WAIT_S + 120)

    def url(self, user: str = APP, password: str = "", endpoint: str = "main") -> str:
        """Return the address of an endpoint for a user."""
        secret = password or PASSWORDS[user]
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{DATABASE}_{endpoint}?sslmode=require"


StartPooler = Callable[..., Program]


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="candlefish-pooler-"))
    folder.chmod(0o755)
    state = State(folder / "state")
    for part in (state.root, state.run):
        part.mkdir(mode=0o755)
        state.own(part)
    yield Place(folder, make_runtime(state))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def certificates(place: Place) -> Certificates:
    folder = place.folder / "certificates"
    folder.mkdir(mode=0o755)
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    names = {name: (folder / f"{name}.crt", folder / f"{name}.key") for name in ("authority", "server", "stranger")}
    for name in ("authority", "stranger"):
        chain, key = names[name]
        _openssl("req", "-x509", *new_key, "-subj", f"/CN=candlefish test {name}", "-keyout", key, "-out", chain)
    request, extensions = folder / "server.csr", folder / "server.ext"
    extensions.write_text(f"subjectAltName=DNS:{HOST}\n")
    chain, key = names["server"]
    _openssl("req", *new_key, "-subj", f"/CN={HOST}", "-keyout", key, "-out", request)
    _openssl(
        "x509", "-req", "-in", request, "-CA", names["authority"][0], "-CAkey", names["authority"][1],
        "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", chain,
    )  # fmt: skip
    if user := process.service_user():
        for path in (chain, key):
            shutil.chown(path, user, user)
    return Certificates(names["authority"][0], chain, key, names["stranger"][0])


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def postgres(place: Place, certificates: Certificates) -> Iterator[int]:
    """Run a PostgreSQL that takes no connection without TLS, with an administrator who is no superuser."""
    data, log = place.folder / "state" / "run" / "data", place.folder / "state" / "run" / "postgres.log"
    place.run(process.find_binary("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    (data / "pg_hba.conf").write_text(
        "".join(f"hostssl all {line}\n" for line in ("postgres 127.0.0.1/32 trust", "postgres ::1/128 trust"))
        + "hostssl all all all scram-sha-256\n"
    )
    settings = {
        "port": POSTGRES_PORT, "listen_addresses": HOST, "unix_socket_directories": "", "fsync": "off", "ssl": "on",
        "ssl_cert_file": certificates.server, "ssl_key_file": certificates.key, "log_statement": "all",
        "shared_preload_libraries": "pg_stat_statements",
    }  # fmt: skip
    options = " ".join(f"-c {name}={value}" if value else f"-c {name}=" for name, value in settings.items())
    place.run(process.find_binary("pg_ctl"), "-D", data, "-l", log, "-o", options, "-w", "start")
    with superuser("postgres") as connection:
        connection.execute(f"create role {ADMIN} login createrole createdb password '{PASSWORDS[ADMIN]}'")
        connection.execute(f"create database {DATABASE} owner {ADMIN}")
    with superuser() as connection:
        connection.execute("create extension pg_stat_statements with schema public")  # RDS lets its administrator
    yield POSTGRES_PORT
    place.run(process.find_binary("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")


def superuser(database: str = DATABASE) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=HOST, port=POSTGRES_PORT, user="postgres", dbname=database, sslmode="require", autocommit=True
    )


@pytest.fixture
def server_env(postgres: int, certificates: Certificates) -> dict[str, str]:
    return {
        "DB_HOST": HOST, "DB_PORT": str(postgres), "DB_NAME": DATABASE, "DB_CA_FILE": str(certificates.authority),
    }  # fmt: skip


@pytest.fixture
def roles(server_env: dict[str, str]) -> dict[str, str]:
    """Make the roles and give the environment of `bootstrap`; the database has nobody's tables before."""
    with superuser() as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public authorization pg_database_owner")
        connection.execute("grant usage on schema public to public")  # as initdb leaves it
        connection.execute("create extension pg_stat_statements with schema public")
        connection.execute(f"alter role {ADMIN} password '{PASSWORDS[ADMIN]}'")
    env = server_env | {
        "ADMIN_USERNAME": ADMIN, "ADMIN_PASSWORD": PASSWORDS[ADMIN], "DB_USERNAME": APP, "DB_PASSWORD": PASSWORDS[APP],
        "MONITOR_PASSWORD": PASSWORDS[MONITOR],
    }  # fmt: skip
    bootstrap(read_roles(env), dry_run=False, show=print, say=print)
    return env


@pytest.fixture
def pooler_env(roles: dict[str, str], place: Place) -> Iterator[dict[str, str]]:
    """Give the environment of a pooler with secrets in variables; times are short, its folder is new."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=place.folder / "state" / "run"))
    if user := process.service_user():
        shutil.chown(folder, user, user)
    env = {name: value for name, value in roles.items() if not name.startswith("ADMIN_")}
    yield env | {
        "RUN_DIR": str(folder), "LISTEN_ADDR": "127.0.0.1", "LISTEN_PORT": str(POOLER_PORT), "DRAIN_S": "30",
        "SECRET_POLL_S": "0.3", "METRICS_S": "0.3", "PGBOUNCER_PROGRAM": str(find_pgbouncer()[0]),
    }  # fmt: skip
    shutil.rmtree(folder)


@pytest.fixture
def start(place: Place) -> Iterator[StartPooler]:
    """Give a function that starts the program with an environment; whatever it starts has ended after the test."""
    programs: list[Program] = []

    def start(env: Mapping[str, str], *, ready: bool = True) -> Program:
        child = subprocess.Popen(
            [*place.runtime.python, "-m", "candlefish.pooler", "run"],
            env={**place.runtime.env, **_coverage(place.folder / "state" / "run"), **env},
            user=process.service_user(), group=process.service_user(), extra_groups=[] if process.is_root() else None,
            cwd=place.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        program = Program(child, int(env.get("LISTEN_PORT", "6432")), dict(env))
        programs.append(program)
        for stream, lines in ((child.stdout, program.out), (child.stderr, program.err)):
            program.readers.append(threading.Thread(target=_read, args=(stream, lines), daemon=True))
            program.readers[-1].start()
        if ready:
            program.wait_for("process up")
        return program

    yield start
    for program in programs:
        if program.child.poll() is None:
            program.child.send_signal(signal.SIGTERM)
            program.child.send_signal(signal.SIGTERM)
            program.child.wait(WAIT_S)
        for reader in program.readers:
            reader.join(WAIT_S)
    for path in (place.folder / "state" / "run").glob(".coverage.*"):
        shutil.copyfile(path, Path.cwd() / path.name)
        path.unlink()


def _read(stream: "subprocess.IO[str]", lines: list[str]) -> None:  # type: ignore[name-defined]
    with stream:
        lines.extend(line.rstrip("\n") for line in stream)


def _coverage(folder: Path) -> dict[str, str]:
    """Let the program measure its own coverage where this run does; the service user can't write beside the tests."""
    if "COVERAGE_PROCESS_CONFIG" not in os.environ:
        return {}
    settings = folder / "coverage.ini"
    settings.write_text(
        f"[run]\nsource_pkgs = candlefish\nparallel = true\nconcurrency = thread\ndata_file = {folder / '.coverage'}\n"
    )
    return {"COVERAGE_PROCESS_START": str(settings)}


@pytest.fixture(scope="session")
def aws_server() -> Iterator[dict[str, str]]:
    """Run a stand-in for AWS and give the environment that leads boto3 there."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=AWS_PORT, verbose=False)
    server.start()
    yield {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{AWS_PORT}", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
    }  # fmt: skip
    server.stop()


@pytest.fixture
def aws(aws_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give the same with the secrets of a new tier in it: their names are the environment that the module sets."""
    reset = urllib.request.Request(f"{aws_server['AWS_ENDPOINT_URL']}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()
    for name, value in aws_server.items():
        monkeypatch.setenv(name, value)
    with closing(secrets.connect()) as client:
        for name, user in (("admin", ADMIN), ("app", APP), ("monitor", MONITOR)):
            login = {"username": user, "password": PASSWORDS[user]}
            client.create_secret(Name=f"candlefish/{name}", SecretString=json.dumps(login))
    return aws_server | {
        "AWS_ADMIN_SECRET_NAME": "candlefish/admin", "AWS_SECRET_NAME": "candlefish/app",
        "AWS_MONITOR_SECRET_NAME": "candlefish/monitor",
    }  # fmt: skip


def current_login(secret: str = "candlefish/app") -> dict[str, str]:
    """Return what an application reads now."""
    with closing(secrets.connect()) as client:
        return secrets.fetch_secret(client, secret, "username", "password")


async def fetch(url: str, question: str) -> object:
    """Connect, ask, disconnect."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def health(env: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the container's health check."""
    argv = [sys.executable, "-m", "candlefish.pooler", "health", *words]
    return subprocess.run(argv, env={**os.environ, **env}, capture_output=True, text=True)
