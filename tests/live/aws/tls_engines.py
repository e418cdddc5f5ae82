"""PostgreSQL, PgBouncer and Redis that speak TLS only, as they stand on AWS: with certificates of an own authority."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tests.live.aws.conftest import ADMIN, APP, TOKEN, await_port, find_port

from candlefish import process

HOST = "127.0.0.1"
PREPARE = (
    "create role candlefish_app_2 login password '{app}'",
    "create database candlefish owner candlefish_app_2",
)


@dataclass(frozen=True)
class Engines:
    """Where the three listen, and the authority that signed their certificate."""

    postgres_port: int
    pgbouncer_port: int
    redis_port: int
    authority: Path


@contextmanager
def running_engines() -> Iterator[Engines]:
    """Start the three in a folder of their own; end them and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="candlefish-aws-"))
    try:
        with ExitStack() as stack:
            make_certificates(folder)
            engines = Engines(find_port(), find_port(), find_port(), folder / "ca.crt")
            give_away(folder)
            stack.enter_context(postgres(folder, engines.postgres_port))
            stack.enter_context(pgbouncer(folder, engines.pgbouncer_port, engines.postgres_port))
            stack.enter_context(redis(folder, engines.redis_port))
            yield engines
    finally:
        shutil.rmtree(folder)


def make_certificates(folder: Path) -> None:
    """Make an authority, and a certificate of it for this machine's loopback address."""
    subject, days = "/CN=candlefish test", "2"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days, "-subj", subject, cwd=folder,
            keyout="ca.key", out="ca.crt")  # fmt: skip
    (folder / "names").write_text(f"subjectAltName=IP:{HOST},DNS:localhost\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", cwd=folder,
            keyout="server.key", out="server.csr")  # fmt: skip
    openssl("x509", "-req", "-days", days, "-CAcreateserial", cwd=folder, **{"in": "server.csr"}, CA="ca.crt",
            CAkey="ca.key", extfile="names", out="server.crt")  # fmt: skip


def openssl(*words: str, cwd: Path, **options: str) -> None:
    """Run openssl; options are given as `-name value`."""
    flags = [word for name, value in options.items() for word in (f"-{name}", value)]
    subprocess.run(["openssl", *words, *flags], cwd=cwd, check=True, capture_output=True)


def give_away(folder: Path) -> None:
    """Let the user that engines run as own the folder."""
    user = process.service_user()
    for path in (folder, *folder.iterdir()):
        path.chmod(0o700 if path.is_dir() else 0o600)
        if user:
            shutil.chown(path, user, user)


def write(path: Path, *lines: str) -> Path:
    """Write a file of settings for the engines' user."""
    path.write_text("\n".join(lines) + "\n")
    if user := process.service_user():
        shutil.chown(path, user, user)
    return path


@contextmanager
def started(argv: list[str | Path], folder: Path, port: int) -> Iterator[None]:
    """Run a program as the engines' user until the block ends."""
    log = folder / f"{Path(argv[0]).name}.log"
    with log.open("wb") as out:
        program = subprocess.Popen(
            argv, user=process.service_user(), cwd=folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
    try:
        await_port(port, program, log)
        yield
    finally:
        program.terminate()
        program.wait(timeout=60)


@contextmanager
def postgres(folder: Path, port: int) -> Iterator[None]:
    """Start a PostgreSQL that takes TLS connections only, with the administrator, the application and its database."""
    data = folder / "data"
    password = write(folder / "password", ADMIN)
    subprocess.run(
        [process.find_binary("initdb"), "-D", data, "--auth=scram-sha-256", "--username=candlefish_admin",
         f"--pwfile={password}", "--no-sync"],
        user=process.service_user(), check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    password.unlink()
    write(data / "pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256")
    settings = {
        "listen_addresses": HOST, "port": port, "unix_socket_directories": "", "fsync": "off", "ssl": "on",
        "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key",
    }  # fmt: skip
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with started([process.find_binary("postgres"), "-D", data, *flags], folder, port):
        url = f"postgresql://candlefish_admin:{ADMIN}@{HOST}:{port}/postgres?sslmode=require"
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in PREPARE:
                connection.execute(statement.format(app=APP).encode())
        yield


@contextmanager
def pgbouncer(folder: Path, port: int, postgres_port: int) -> Iterator[None]:
    """Start a PgBouncer with the tier's databases that takes TLS connections only."""
    modes = {"main": "transaction", "read": "transaction", "read_1": "transaction", "read_2": "transaction",
             "session": "session", "analytics": "statement"}  # fmt: skip
    server = f"host={HOST} port={postgres_port} dbname=candlefish"
    write(folder / "userlist.txt", f'"candlefish_app_2" "{APP}"')
    ini = write(
        folder / "pgbouncer.ini",
        "[databases]",
        *(f"candlefish_{name} = {server} pool_mode={mode}" for name, mode in modes.items()),
        "[pgbouncer]",
        f"listen_addr = {HOST}",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = scram-sha-256",
        f"auth_file = {folder / 'userlist.txt'}",
        "client_tls_sslmode = require",
        f"client_tls_cert_file = {folder / 'server.crt'}",
        f"client_tls_key_file = {folder / 'server.key'}",
        "server_tls_sslmode = verify-full",
        f"server_tls_ca_file = {folder / 'ca.crt'}",
        "ignore_startup_parameters = extra_float_digits",
    )
    with started([process.find_binary("pgbouncer"), ini], folder, port):
        yield


@contextmanager
def redis(folder: Path, port: int) -> Iterator[None]:
    """Start a Redis with a token that takes TLS connections only."""
    conf = write(
        folder / "redis.conf",
        f"bind {HOST}",
        "port 0",
        f"tls-port {port}",
        f"tls-cert-file {folder / 'server.crt'}",
        f"tls-key-file {folder / 'server.key'}",
        f"tls-ca-cert-file {folder / 'ca.crt'}",
        "tls-auth-clients no",
        f"requirepass {TOKEN}",
        'save ""',
    )
    with started([process.find_binary("redis-server"), conf], folder, port):
        yield
