"""A primary and a replica of one PostgreSQL version, started for the tests and deleted after them."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.conftest import PORT_BASE

from candlefish import process
from candlefish.errors import BinaryMissing

HOST = "127.0.0.1"
USER, PASSWORD = "candlefish_app", "app-Password-1"
ROOT = Path(__file__).resolve().parents[4]
INSTALLED = ROOT / ".venv" / "postgres" / "node_modules"
"""Where tools/postgres_versions.sh puts the versions that the distribution lacks."""

PORTS = (PORT_BASE + 70, PORT_BASE + 71)
"""Of the primary and the replica: beyond those of the tier and of the pooler's tests."""

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "shared_buffers": "32MB",
    "hot_standby": "on",
    "wal_receiver_status_interval": "1s",
}


@dataclass(frozen=True)
class Servers:
    """Where the two answer, as a user who may do everything, and which version they are."""

    major: int
    primary_url: str
    replica_url: str


def url_of(port: int) -> str:
    """Return the URL of a server."""
    return f"postgresql://{USER}:{PASSWORD}@{HOST}:{port}/postgres"


def find_programs(major: int) -> Path:
    """Return the folder with the programs of a major version; skip the test where there is none."""
    installed = INSTALLED / f"postgresql-{major}" / "native" / "bin"
    if installed.is_dir():
        return installed
    with suppress(BinaryMissing):
        found = process.find_binary("postgres").parent
        if f"(PostgreSQL) {major}." in process.run([found / "postgres", "--version"]).stdout:
            return found
    pytest.skip(f"PostgreSQL {major} is not on this machine, and tools/postgres_versions.sh did not install it")


@contextmanager
def running(major: int) -> Iterator[Servers]:
    """Start both in a folder of their own; end them and delete it."""
    folder = Path(tempfile.mkdtemp(prefix=f"candlefish-postgresql-{major}-"))
    try:
        with ExitStack() as stack:
            give_away(folder)
            programs = readable(find_programs(major), folder)
            make_primary(programs, folder)
            make_replica(folder)
            for name, port in zip(("primary", "replica"), PORTS, strict=True):
                stack.enter_context(started(programs / "postgres", folder / name, port))
            servers = Servers(major, *map(url_of, PORTS))
            require_replication(servers)
            yield servers
    finally:
        shutil.rmtree(folder)


def give_away(*paths: Path) -> None:
    """Let the user that engines run as own files."""
    if user := process.service_user():
        for path in paths:
            shutil.chown(path, user, user)


def readable(programs: Path, folder: Path) -> Path:
    """Return the programs, or a copy of them where the user that engines run as may not read a developer's files."""
    if process.run(["test", "-x", programs / "postgres"], user=process.service_user()).returncode == 0:
        return programs
    shutil.copytree(programs.parent, folder / "programs", symlinks=True)
    return folder / "programs" / programs.name


def make_primary(programs: Path, folder: Path) -> None:
    """Make a cluster whose one user comes with a password only."""
    password = folder / "password"
    password.write_text(PASSWORD)
    give_away(password)
    run([programs / "initdb", "-D", folder / "primary", "--username", USER, "--pwfile", password, "--no-sync",
         "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"], folder)  # fmt: skip
    password.unlink()


def make_replica(folder: Path) -> None:
    """Copy the cluster while it does not run, and let the copy follow the original."""
    run(["cp", "-a", folder / "primary", folder / "replica"], folder)
    address = f"host={HOST} port={PORTS[0]} user={USER} password={PASSWORD}"
    with (folder / "replica" / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"primary_conninfo = '{address}'\n")
    (folder / "replica" / "standby.signal").touch()


def run(argv: list[str | Path], folder: Path) -> None:
    """Run a program as the user that engines run as; fail with what it said."""
    done = process.run(argv, user=process.service_user(), cwd=folder)
    assert done.returncode == 0, done.stderr


@contextmanager
def started(program: Path, data: Path, port: int) -> Iterator[None]:
    """Run a server until the block ends."""
    flags = [word for name, value in {**SETTINGS, "port": str(port)}.items() for word in ("-c", f"{name}={value}")]
    log = data.with_suffix(".log")
    with log.open("wb") as out:
        server = subprocess.Popen(
            [program, "-D", data, *flags], user=process.service_user(), cwd=data, stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, env={"LANG": "C.UTF-8", "PATH": os.defpath},
        )  # fmt: skip
    try:
        assert process.wait_until(lambda: answers(port) or server.poll() is not None, timeout_s=60), log.read_text()
        assert server.poll() is None, log.read_text()
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, whoever is connected: the folder is deleted anyway
        server.wait(timeout=60)


def answers(port: int) -> bool:
    """Tell whether a server takes sessions."""
    with suppress(psycopg.OperationalError), psycopg.connect(url_of(port)) as connection:
        return connection.execute("select 1").fetchone() == (1,)
    return False


def require_replication(servers: Servers) -> None:
    """Wait until the replica follows, and make sure that both are of the version that was asked for."""
    with psycopg.connect(servers.primary_url, autocommit=True) as primary:
        assert primary.info.server_version // 10_000 == servers.major
        following = "select count(*) from pg_stat_replication where state = 'streaming'"
        assert process.wait_until(lambda: primary.execute(following).fetchone() == (1,), timeout_s=60)
