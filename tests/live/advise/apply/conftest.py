"""A database of its own for each test, with a table to index."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from candlefish.advise.advice import Recommendation
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table

_NUMBERS = count()

SETUP = """
CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, total numeric, note text);
INSERT INTO orders SELECT i, i % 5000, i % 100, md5(i::text) FROM generate_series(1, 60000) AS i;
CREATE TABLE events (at date NOT NULL, kind int) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (kind);
CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES IN (1, 2);
CREATE TABLE events_2b PARTITION OF events_2 DEFAULT;
INSERT INTO events SELECT '2026-01-01'::date + i % 59, i % 10 FROM generate_series(1, 5000) AS i;
"""


@pytest.fixture
def dsn(server: ScratchServer) -> str:
    name = f"apply_{next(_NUMBERS)}"
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    with psycopg.connect(server.conninfo(name), autocommit=True) as connection:
        connection.execute(SETUP)
    return server.conninfo(name)


@pytest.fixture
def connection(dsn: str) -> Iterator[Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def advised(connection: Connection) -> Callable[..., Recommendation]:
    def make(table: str, *columns: str, unique: bool = False) -> Recommendation:
        catalog = load_catalog(connection)
        index = Index(Table("public", table), tuple(Key(name) for name in columns), unique=unique)
        return recommend(index, Proof(size_bytes=0, confidence="low", measured=False), catalog)

    return make


@pytest.fixture
def indexes(connection: Connection) -> Callable[[], dict[str, bool]]:
    """Return a function that says which indexes there are, and whether each is valid."""

    def read() -> dict[str, bool]:
        rows = connection.execute(
            "SELECT c.relname, i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
        ).fetchall()
        return {str(name): bool(valid) for name, valid in rows}

    return read
