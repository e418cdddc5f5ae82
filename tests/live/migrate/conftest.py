"""Databases that nobody here made, and dumps of them in every format."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.foreign import foreign_database

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack
from candlefish.migrate.load import Order, load_database
from candlefish.migrate.model import LoadReport

Load = Callable[..., LoadReport]


class Silent:
    """Progress that nobody looks at."""

    def phase(self, text: str, total: int = 0) -> None:
        """Show nothing."""

    def advance(self, done: int) -> None:
        """Show nothing."""


def _load(stack: Stack, scratch: Path, source: str | Path, name: str, **options: bool) -> LoadReport:
    order = Order(str(source), name, jobs=2, **options)
    return load_database(order, stack, scratch=scratch, progress=Silent())


def _drop(stack: Stack, name: str) -> None:
    if name == stack.plan.postgres.database:  # the tier keeps its own, as empty as it was
        with psycopg.connect(stack.endpoints().admin_url, autocommit=True) as connection:
            connection.execute("drop table if exists t")
        return
    if name in stack.databases():
        stack.forget_database(name)
    databases.drop_database(stack.require_primary(), stack.tier.secrets, name)


@pytest.fixture
def load(stack: Stack, tmp_path: Path) -> Iterator[Load]:
    """Give a function that loads a source under a name; what it loaded is dropped after the test."""
    loaded: set[str] = set()

    def run(source: str | Path, name: str, **options: bool) -> LoadReport:
        loaded.add(name)
        return _load(stack, tmp_path, source, name, **options)

    yield run
    for name in loaded:
        _drop(stack, name)


@pytest.fixture(scope="session")
def pagila(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadReport]:
    """Give the report of loading pagila, which is there for all tests."""
    yield _load(stack, tmp_path_factory.mktemp("scratch"), foreign_database("pagila"), "pagila")
    _drop(stack, "pagila")


@pytest.fixture(scope="session")
def chinook(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadReport]:
    """Give the report of loading chinook, which is there for all tests."""
    yield _load(stack, tmp_path_factory.mktemp("scratch"), foreign_database("chinook"), "chinook")
    _drop(stack, "chinook")


@pytest.fixture
def names(stack: Stack) -> Callable[[], set[str]]:
    """Give a function that returns the names of all databases on the primary."""

    def fetch() -> set[str]:
        with psycopg.connect(stack.endpoints().admin_url, dbname="postgres") as connection:
            return {str(row[0]) for row in connection.execute("select datname from pg_database")}

    return fetch


def _count_rows(url: str) -> dict[str, int]:
    """Return how many rows each table has, as one endpoint sees it."""
    tables = (
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2"
    )
    with contextlib.closing(psycopg.connect(url, autocommit=True, prepare_threshold=None)) as connection:
        found = {}
        for schema, name in connection.execute(tables).fetchall():
            row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))).fetchone()
            assert row is not None
            found[f"{schema}.{name}"] = int(row[0])
        return found


def _endpoint_urls(endpoints: Endpoints) -> dict[str, str]:
    """Return every way into a database, by name."""
    replicas = {f"read_{number}": url for number, url in enumerate(endpoints.read_urls, 1)}
    return {
        "main": endpoints.main_url,
        "read": endpoints.read_url,
        **replicas,
        "session": endpoints.session_url,
        "analytics": endpoints.analytics_url,
        "admin": endpoints.admin_url,
    }


def _dump(endpoints: Endpoints, path: Path, *options: str) -> Path:
    """Dump a database of the tier with pg_dump."""
    argv = [process.find_binary("pg_dump"), *options, f"--file={path}", f"--dbname={endpoints.admin_url}"]
    subprocess.run([str(word) for word in argv], check=True)
    return path


@pytest.fixture
def foreign() -> Callable[[str], Path]:
    """Give a function that returns a foreign database's script by name."""
    return foreign_database


@pytest.fixture
def count_rows() -> Callable[[str], dict[str, int]]:
    """Give a function that counts the rows of each table through one address."""
    return _count_rows


@pytest.fixture
def endpoint_urls() -> Callable[[Endpoints], dict[str, str]]:
    """Give a function that names every way into a database."""
    return _endpoint_urls


@pytest.fixture
def dump() -> Callable[..., Path]:
    """Give a function that dumps a database of the tier."""
    return _dump
