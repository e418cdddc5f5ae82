"""A PostgreSQL server of our own: a folder that goes when the block ends, a socket in it, no port."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from candlefish import process
from candlefish.advise.lab.programs import find_programs
from candlefish.errors import EngineError

PREFIX: Final = "candlefish-lab-"

START_S: Final = 60.0
"""Seconds in which an empty server has to start."""

BUFFERS_RATIO: Final = 0.15
"""Of the machine's memory, for shared_buffers: the rest belongs to whoever works here, and to the page cache."""

MOST_BUFFERS_BYTES: Final = 4 << 30

_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",  # nothing here has to survive a power cut
    "synchronous_commit": "off",
    "full_page_writes": "on",  # so that what is written to WAL is what a real server writes
    "wal_level": "replica",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",  # no checkpoint falls between two measurements by itself
    "autovacuum": "off",
    "max_connections": "20",
    "logging_collector": "off",
    "statement_timeout": "0",
    "track_io_timing": "on",
}


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """A server that runs for us: `conninfo` reaches its database `postgres` as its superuser."""

    folder: Path
    programs: Path

    def conninfo(self, database: str = "postgres") -> str:
        """Return a connection string for one of its databases."""
        return f"host={self.folder} user=postgres dbname={database}"


@contextmanager
def scratch_server(settings: Mapping[str, str], *, collate: str = "C.UTF-8", major: int = 0) -> Iterator[ScratchServer]:
    """Start a server with settings, and remove it with everything in it when the block ends.

    It is of the major version `major`, or the next newer one that is here. `collate` is the locale that its databases
    sort by; where this machine lacks it, ICU's root locale stands in for it.
    Raises BinaryMissing where PostgreSQL's server programs are not here, EngineError where it does not start.
    """
    remove_leftovers()
    programs = find_programs(major)
    user = process.service_user()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        (folder / "owner").write_text(str(os.getpid()))
        if user is not None:
            shutil.chown(folder, user)
        _init(programs / "initdb", folder, collate, user)
        with (folder / "data" / "postgresql.conf").open("a") as file:
            for name, value in {**_SETTINGS, **_memory(), **settings, "unix_socket_directories": str(folder)}.items():
                file.write(f"{name} = '{_escape(value)}'\n")
        started = process.run(
            [programs / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-t", f"{START_S:.0f}", "start"],
            user=user,
            cwd=folder,
            timeout_s=START_S + 10,
        )
        if started.returncode:
            raise EngineError("the lab's PostgreSQL did not start", detail=process.tail(folder / "log"))
        yield ScratchServer(folder, programs)
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """End the server of a folder, and delete the folder."""
    with contextlib.suppress(OSError, ValueError):
        process.stop(int((folder / "data" / "postmaster.pid").read_text().split()[0]), with_signal=signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove the servers whose owner was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if not process.is_alive(int((folder / "owner").read_text())):
                remove(folder)


def _init(initdb: Path, folder: Path, collate: str, user: str | None) -> None:
    words: list[str | Path] = [
        initdb,
        "-D",
        folder / "data",
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    wanted = [f"--locale={collate}"]
    instead = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und"]
    for locale in (wanted, instead):
        done = process.run([*words, *locale], user=user, cwd=folder, timeout_s=START_S)
        if not done.returncode:
            return
        shutil.rmtree(folder / "data", ignore_errors=True)
    raise EngineError("the lab's PostgreSQL could not be made", detail=done.stderr.strip()[-500:])


def _memory() -> dict[str, str]:
    buffers = min(int(psutil.virtual_memory().total * BUFFERS_RATIO), MOST_BUFFERS_BYTES)
    return {"shared_buffers": f"{buffers >> 20}MB"}


def _escape(value: str) -> str:
    return value.replace("'", "''")
