"""What the tier needs of this machine, what of it is missing, and which PgBouncer is the newest."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from candlefish.engines.state import state_root
from candlefish.errors import BinaryMissing, EngineError
from candlefish.process import find_binary, run

PREPARED_STATEMENTS_SINCE = (1, 21)
"""The first PgBouncer that keeps prepared statements over transaction pooling (its NEWS, 1.21.0)."""

_EXTENSION_FOLDER = Path("/usr/share/postgresql/15")
"""`pg_config --sharedir` of Debian's PostgreSQL 15, for a machine without pg_config."""

_VERSION = re.compile(r"PgBouncer (\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Need:
    """One program or extension, and the package that has it (Debian and Ubuntu, Homebrew)."""

    name: str
    kind: Literal["program", "extension"]
    apt: str
    brew: str


NEEDS = (
    Need("postgres", "program", "postgresql-15", "postgresql@15"),
    Need("pgbench", "program", "postgresql-15", "postgresql@15"),
    Need("psql", "program", "postgresql-client-15", "postgresql@15"),
    Need("pg_restore", "program", "postgresql-client-15", "postgresql@15"),
    Need("pg_cron", "extension", "postgresql-15-cron", ""),
    Need("pg_partman", "extension", "postgresql-15-partman", ""),
    Need("hypopg", "extension", "postgresql-15-hypopg", ""),
    Need("pgbouncer", "program", "pgbouncer", "pgbouncer"),
    Need("redis-server", "program", "redis-server", "redis"),  # Sentinel is the same program with --sentinel
    Need("redis-cli", "program", "redis-tools", "redis"),
    Need("redis-benchmark", "program", "redis-tools", "redis"),
    Need("etcd", "program", "etcd-server", "etcd"),
)


def find_missing() -> tuple[Need, ...]:
    """Return what the tier needs and this machine does not have."""
    extensions = _extension_folder()
    return tuple(need for need in NEEDS if not _is_here(need, extensions))


def find_pgbouncer(xdg_state_home: str = "") -> tuple[Path, tuple[int, int]]:
    """Return the newest PgBouncer here, built by `candlefish setup` or the distribution's, and its version.

    Raises BinaryMissing when there is none that starts.
    """
    return choose_newest(_pgbouncers(xdg_state_home))


def choose_newest(programs: Iterable[Path]) -> tuple[Path, tuple[int, int]]:
    """Return the newest of several PgBouncers and its version; one that does not start is passed over."""
    versions = {path: version for path in programs if (version := _version_of(path))}
    if not versions:
        raise BinaryMissing(
            "no PgBouncer on this machine starts",
            hint="run `candlefish setup`, which installs it or says how, or `candlefish setup --update`",
        )
    newest = max(versions, key=lambda path: (versions[path], path.stat().st_mtime))
    return newest, versions[newest][:2]


def engines_folder(xdg_state_home: str = "") -> Path:
    """Return where engines that candlefish built itself are kept."""
    return state_root(xdg_state_home) / ".engines"


def _pgbouncers(xdg_state_home: str) -> Iterator[Path]:
    """Give every PgBouncer that could be used: an ordinary user may use the one that root built."""
    for folder in {engines_folder(xdg_state_home), Path("/var/lib/candlefish/.engines")}:
        with contextlib.suppress(PermissionError):  # HOME of another user, after `sudo --user`
            yield from (path for path in folder.glob("pgbouncer-*/bin/pgbouncer") if os.access(path, os.X_OK))
    with contextlib.suppress(BinaryMissing):
        yield find_binary("pgbouncer")


def _version_of(pgbouncer: Path) -> tuple[int, int, int] | None:
    """Ask a PgBouncer for its version; None when it does not start (a library of its build is gone)."""
    try:
        match = _VERSION.search(run([pgbouncer, "--version"], timeout_s=10).stdout)
    except (EngineError, OSError):  # OSError: built for another kind of machine
        return None
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _extension_folder() -> Path:
    with contextlib.suppress(BinaryMissing):
        return Path(run([find_binary("pg_config"), "--sharedir"], timeout_s=10).stdout.strip()) / "extension"
    return _EXTENSION_FOLDER / "extension"


def _is_here(need: Need, extensions: Path) -> bool:
    if need.kind == "extension":
        return (extensions / f"{need.name}.control").is_file()
    try:
        find_binary(need.name)
    except BinaryMissing:
        return False
    return True
