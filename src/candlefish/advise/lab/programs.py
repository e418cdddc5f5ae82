"""The PostgreSQL programs that the lab runs: of the database's own major version, or a newer one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from candlefish import process
from candlefish.errors import BinaryMissing

_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",  # Debian and Ubuntu
    "/usr/pgsql-*/bin",  # PGDG's packages for Red Hat and its like
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_NEEDED: Final = ("initdb", "pg_ctl", "postgres", "pg_dump", "pg_restore")

_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


def find_programs(major: int) -> Path:
    """Return the folder of the oldest PostgreSQL here that reads a server of this major version.

    Raises BinaryMissing that names the version where there is none: pg_dump refuses a newer server than itself.
    """
    found = dict(_installed())
    fit = [version for version in sorted(found) if version >= major]
    if fit:
        return found[fit[0]]
    here = ", ".join(map(str, sorted(found))) or "none"
    raise BinaryMissing(
        f"the database runs PostgreSQL {major}, and a server that could hold a copy is not on this machine",
        detail=f"versions here: {here}",
        hint=f"install postgresql-{major}, or give a copy of your own with `--lab postgresql://...`",
    )


def _installed() -> Iterator[tuple[int, Path]]:
    for pattern in _FOLDERS:
        for folder in Path("/").glob(pattern.lstrip("/")):
            if all((folder / name).is_file() for name in _NEEDED):
                match = _VERSION.search(process.run([folder / "postgres", "--version"], timeout_s=10).stdout)
                if match is not None:
                    yield int(match[1]), folder
