"""Dump a running server into a folder with pg_dump, with its password nowhere but in the environment."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from candlefish import process
from candlefish.address import describe, explain_refusal, split_password
from candlefish.errors import EngineError, UsageError

CONNECT_S = 10
"""Seconds that a first connection to a server somewhere else may take."""

NEWEST = 15
"""The newest major version that the tier's own pg_dump reads."""

_ITEM = re.compile(r"^pg_dump: dumping contents of table")

_CONTENTS = """
    select count(*), pg_database_size(current_database()),
           current_setting('server_version_num')::int / 10000, current_setting('server_version')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_t'
"""
_SETTINGS = """
    select count(*), (select array_agg(extname::text) from pg_extension) from pg_db_role_setting
    where setdatabase = (select oid from pg_database where datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a running server: how to reach it without the password, the password, and what it holds."""

    conninfo: str
    env: dict[str, str]
    shown: str
    tables: int
    size_bytes: int
    version: str
    settings: int
    extensions: tuple[str, ...]


def fetch_server(address: str) -> Server:
    """Connect to a server and say what it holds; raise the error that names what is wrong with the address."""
    conninfo, env = split_password(address)
    shown = describe(conninfo)
    try:
        options = {"connect_timeout": CONNECT_S, "password": env.get("PGPASSWORD")}
        with closing(psycopg.connect(conninfo, **options)) as connection:  # type: ignore[arg-type]  # typed one by one
            row = connection.execute(_CONTENTS).fetchone()
            settings = connection.execute(_SETTINGS).fetchone()
    except psycopg.Error as error:
        raise explain_refusal(str(error), shown) from error
    assert row is not None
    assert settings is not None
    tables, size_bytes, major, version = row
    if major > NEWEST:
        raise UsageError(
            f"{shown} runs PostgreSQL {version}, the tier runs {NEWEST}: pg_dump {NEWEST} refuses a newer server",
            hint=f"dump it as plain SQL with pg_dump {major} (`pg_dump -f dump.sql DATABASE`), and load that file",
        )
    return Server(conninfo, env, shown, tables, size_bytes, version, settings[0], tuple(settings[1]))


def dump_server(server: Server, folder: Path, *, jobs: int, on_tables: Callable[[int], None]) -> None:
    """Dump a server's database into a new folder with `jobs` connections; `on_tables` is told how many are done."""
    done = 0
    last: list[str] = []

    def read(line: str) -> None:
        nonlocal done
        if _ITEM.match(line):
            done += 1
            on_tables(done)
        if "error:" in line or line.startswith(("DETAIL", "HINT")):
            last.append(line)

    argv: list[str | Path] = [
        process.find_binary("pg_dump"), "--format=directory", f"--jobs={jobs}", "--compress=1", "--verbose",
        "--no-owner", "--no-privileges", "--no-subscriptions", "--no-tablespaces",
        f"--file={folder}", f"--dbname={server.conninfo}",
    ]  # fmt: skip
    if process.stream(argv, on_line=read, env={**server.env, "LC_ALL": "C"}):
        raise EngineError(
            f"pg_dump could not dump {server.shown}",
            detail="; ".join(last[-3:]),
            hint="the login must be able to read every table; through a pooler use a session or direct address",
        )
