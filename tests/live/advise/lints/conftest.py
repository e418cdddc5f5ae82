"""A primary and a replica that stand for the user's, with short names for what tests ask them."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import PORT_BASE

from candlefish import process
from candlefish.advise.plans.explain import Connection

PORT = PORT_BASE + 13_200


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int

    @property
    def dsn(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    def start(self) -> None:
        control = process.find_binary("pg_ctl")
        words: list[str | Path] = [
            control,
            "-D",
            self.folder,
            "-l",
            self.folder / "log",
            "-w",
            "-o",
            f"-p {self.port}",
            "start",
        ]
        done = process.run(words, user=process.service_user(), cwd=self.folder, timeout_s=60)
        assert not done.returncode, process.tail(self.folder / "log", 20)

    def kill(self) -> None:
        process.stop(int((self.folder / "postmaster.pid").read_text().split()[0]), with_signal=signal.SIGQUIT)


def run(*argv: str | Path) -> None:
    done = process.run(list(argv), user=process.service_user(), cwd=Path(tempfile.gettempdir()), timeout_s=120)
    assert not done.returncode, done.stderr


@pytest.fixture(scope="session")
def base() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="candlefish-lints-"))
    user = process.service_user()
    if user is not None:
        shutil.chown(folder, user)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def primary(base: Path) -> Iterator[Server]:
    server = Server(base / "primary", PORT)
    run(process.find_binary("initdb"), "-D", server.folder, "-A", "trust", "-U", "postgres", "--no-sync")
    with (server.folder / "postgresql.conf").open("a") as file:
        file.write("fsync = off\nshared_buffers = 16MB\ntrack_commit_timestamp = on\nmax_prepared_transactions = 5\n")
        file.write(f"wal_level = logical\nunix_socket_directories = '{base}'\n")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def replica(primary: Server, base: Path) -> Iterator[Server]:
    server = Server(base / "replica", PORT + 1)
    run(
        process.find_binary("pg_basebackup"), "-D", server.folder, "-d", primary.dsn, "-R", "-X", "stream", "-c", "fast"
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
def connection(primary: Server) -> Iterator[Connection]:
    """Give a connection to the primary with nothing in its database."""
    with psycopg.connect(primary.dsn, autocommit=True) as opened:
        opened.execute('DROP SCHEMA IF EXISTS "My Schema" CASCADE')
        opened.execute("DROP SCHEMA public CASCADE")
        opened.execute("CREATE SCHEMA public")
        yield opened


@pytest.fixture
def follow(connection: Connection) -> Callable[[Server], None]:
    """Give a function that waits until a replica has what the primary has."""

    def wait(replica: Server) -> None:
        row = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        assert row is not None
        with psycopg.connect(replica.dsn, autocommit=True) as other:

            def is_there() -> bool:
                found: tuple[Any, ...] | None = other.execute(
                    "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (row[0],)
                ).fetchone()
                return bool(found and found[0])

            assert process.wait_until(is_there, timeout_s=30)

    return wait
