"""Copy a database into a scratch server: whole where it is small, else its schema and a sample of its rows."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from candlefish import process
from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.lab.model import Lab
from candlefish.advise.lab.reach import Reach
from candlefish.advise.lab.roles import give_tables, make_roles
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote_table
from candlefish.advise.row_security import RowSecurity
from candlefish.advise.statements import Table
from candlefish.errors import EngineError

COPY_LIMIT_BYTES: Final = 2 << 30
"""A database up to here is copied whole: it takes some two minutes, and is the better proof."""

SAMPLE_BYTES: Final = 1 << 30
"""How much of a larger one is copied."""

WHOLE_TABLE_BYTES: Final = 16 << 20
"""Tables up to here are copied whole in any case: a sample of a small table joins with nothing."""

JOBS: Final = 2

_REFERENCES: Final = " FK CONSTRAINT "
"""In a line of pg_restore's list: foreign keys, which a sample can't hold."""

_DUMP_OPTIONS: Final = ("--no-owner", "--no-privileges", "--no-subscriptions", "--no-publications", "--no-tablespaces")

LEAST_RATIO: Final = 0.001
"""Of a table's rows, where row-level security shows fewer: sizes are multiplied by its inverse."""

NAME: Final = "lab"
"""The copy's database."""


@dataclass(frozen=True, slots=True)
class Source:
    """The database to copy: connection string without its password, the environment that carries it, what is read.

    `security` are the roles that policies need, and settings that reading may need.
    """

    conninfo: str
    env: Mapping[str, str]
    reach: Reach = field(default_factory=Reach)
    security: RowSecurity = field(default_factory=RowSecurity)


def make_copy(
    server: ScratchServer,
    source: Source,
    catalog: Catalog,
    *,
    limit_bytes: int = COPY_LIMIT_BYTES,
    on_step: Callable[[str], None] = lambda _: None,
) -> Lab:
    """Return a lab with a copy; what could not be restored is in its `left_out`, each in the server's words."""
    catalog = source.reach.of(catalog)
    _create(server, catalog)
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        make_roles(connection, source.security)
    whole = sum(facts.size_bytes for facts in catalog.tables.values() if not facts.partition_key) <= limit_bytes
    problems: list[str] = []
    folder = server.folder / "dump"
    on_step("dumping the database" if whole else "dumping the schema")
    _dump(server, source, folder, [] if whole else ["--schema-only"])
    if whole:
        on_step("restoring it in the lab")
        problems += _restore(server, folder, ["--section=pre-data", "--section=data", "--section=post-data"])
        ratios = dict.fromkeys(catalog.tables, 1.0)
    else:
        problems += _restore(server, folder, ["--section=pre-data"])
        ratios = _sample(server, source, catalog, on_step)
        on_step("building its indexes")
        problems += _restore(server, folder, ["--section=post-data"], without=_REFERENCES)
    on_step("analysing it")
    with psycopg.connect(server.conninfo(NAME), autocommit=True) as connection:
        give_tables(connection, source.security, catalog)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
        version = connection.info.server_version
        ratios |= _visible_ratios(connection, source.reach, catalog)
    share = sum(ratios[table] * facts.size_bytes for table, facts in catalog.tables.items() if table in ratios)
    total = sum(facts.size_bytes for table, facts in catalog.tables.items() if table in ratios)
    label = "full copy" if whole else f"sample of {share / max(total, 1):.0%}"
    if whole and not source.reach.is_whole:
        label = f"copy of what {source.reach.role} may read"
    return Lab(server.conninfo(NAME), label, ratios, tuple(problems), source.security.settings, version)


def _visible_ratios(connection: Connection, reach: Reach, catalog: Catalog) -> dict[Table, float]:
    """Return which part of their rows the tables hold of which row-level security hides some."""
    ratios = {}
    for table in reach.filtered & catalog.tables.keys():
        row = connection.execute(
            "SELECT reltuples::float8 FROM pg_class WHERE oid = %s::regclass", (quote_table(table),)
        ).fetchone()
        rows = max(float(row[0]), 0.0) if row is not None else 0.0
        ratios[table] = min(max(rows / max(catalog.tables[table].rows, 1.0), LEAST_RATIO), 1.0)
    return ratios


def _create(server: ScratchServer, catalog: Catalog) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0".encode())
        for name, value in _session_settings(catalog):
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(sql.Identifier(NAME), sql.Identifier(name), value)
            )


def _session_settings(catalog: Catalog) -> Iterable[tuple[str, sql.Composable]]:
    if catalog.search_path:
        yield "search_path", sql.SQL(", ").join(sql.Identifier(name) for name in catalog.search_path)


def _dump(server: ScratchServer, source: Source, folder: Path, options: list[str]) -> None:
    argv: list[str | Path] = [server.programs / "pg_dump", "--format=directory", "--compress=0", *_DUMP_OPTIONS]
    argv += [
        *options,
        *source.reach.dump_options(),
        f"--jobs={JOBS}",
        f"--file={folder}",
        f"--dbname={source.conninfo}",
    ]
    settings = {"PGOPTIONS": _options(source.security.settings)} if source.reach.filtered else {}
    done = process.run(argv, env={**source.env, **settings, "LC_ALL": "C"})
    if done.returncode:
        raise EngineError(
            "pg_dump could not copy the database into the lab",
            detail=done.stderr.strip()[-400:],
            hint="give a copy of your own with `--lab postgresql://...`, or go without measuring with `--lab none`",
        )


def _options(settings: Mapping[str, str]) -> str:
    """Return settings as libpq takes them: blanks and backslashes with a backslash before them."""
    return " ".join("-c " + re.sub(r"([\\\s])", r"\\\1", f"{name}={value}") for name, value in settings.items())


def _restore(server: ScratchServer, folder: Path, options: list[str], *, without: str = "") -> list[str]:
    """Restore a part of a dump; return what failed, in PostgreSQL's words."""
    restore = server.programs / "pg_restore"
    if without:
        listed = process.run([restore, "--list", folder]).stdout.splitlines()
        chosen = server.folder / "list"
        chosen.write_text("\n".join(line for line in listed if without not in line))
        options = [*options, f"--use-list={chosen}"]
    argv: list[str | Path] = [
        restore,
        "--no-owner",
        "--no-privileges",
        f"--jobs={JOBS}",
        f"--dbname={server.conninfo(NAME)}",
    ]
    done = process.run([*argv, *options, folder], env={"LC_ALL": "C"})
    found = re.findall(r"could not execute query: ERROR: +(.*)", done.stderr)
    return [f"not in the lab: {message}" for message in dict.fromkeys(found)]


def _sample(
    server: ScratchServer, source: Source, catalog: Catalog, on_step: Callable[[str], None]
) -> dict[Table, float]:
    """Copy a part of each table's rows; return which part."""
    ratios = sample_ratios(catalog)
    password = source.env.get("PGPASSWORD")
    with (
        psycopg.connect(source.conninfo, password=password, autocommit=True) as reader,
        psycopg.connect(server.conninfo(NAME), autocommit=True) as writer,
    ):
        for name, value in source.security.settings.items():
            reader.execute("SELECT set_config(%s, %s, false)", (name, value))
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for number, (table, ratio) in enumerate(ratios.items()):
            on_step(f"copying {ratio:.0%} of {table} ({number + 1} of {len(ratios)})")
            _copy_rows(reader, writer, catalog.tables[table], ratio)
    return ratios


def sample_ratios(catalog: Catalog) -> dict[Table, float]:
    """Return which part of each table with rows of its own is copied: small ones whole, the others by one measure."""
    real = {table: facts for table, facts in catalog.tables.items() if facts.kind == "table"}
    small = {table for table, facts in real.items() if facts.size_bytes <= WHOLE_TABLE_BYTES}
    left = SAMPLE_BYTES - sum(real[table].size_bytes for table in small)
    large = sum(facts.size_bytes for table, facts in real.items() if table not in small)
    ratio = min(1.0, max(left, SAMPLE_BYTES // 10) / max(large, 1))
    return {table: 1.0 if table in small else ratio for table in real}


def _copy_rows(reader: Connection, writer: Connection, facts: TableFacts, ratio: float) -> None:
    generated = reader.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::bigint::oid AND attgenerated <> ''", (facts.oid,)
    ).fetchall()
    names = [name for name in facts.columns if (name,) not in generated]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    table = sql.Identifier(facts.table.schema, facts.table.name)
    part = sql.SQL("") if ratio >= 1 else sql.SQL(" TABLESAMPLE SYSTEM ({}) REPEATABLE (1)").format(ratio * 100)
    read = sql.SQL("COPY (SELECT {} FROM ONLY {}{}) TO STDOUT").format(columns, table, part)
    write = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with reader.cursor().copy(read) as out, writer.cursor().copy(write) as into:
        for block in out:
            into.write(block)
