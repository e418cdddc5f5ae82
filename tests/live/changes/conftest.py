"""A slot and a publication of its own for each test, in the test's own database."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.live.client.conftest import open_proxy

from candlefish.changes.gap import close_gap
from candlefish.changes.slot import drop, prepare
from candlefish.changes.source import Source
from candlefish.client.rules import Rule, make_rules
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.patroni import SUPERUSER
from candlefish.engines.stack import Stack

__all__ = ["open_proxy"]  # a fixture of the client's tests

TABLES = """
create table users (id int primary key, org_id int not null, name text, visits int not null default 0);
alter table users replica identity full;
create table notes (slug text primary key, body text);
create table unfollowed (id int primary key);
"""

Execute = Callable[..., None]


@pytest.fixture
def rules() -> tuple[Rule, ...]:
    users = {"table": "users", "keys": ["user:{id}"], "tags": ["org:{org_id}"], "columns": ["name"]}
    return make_rules({"rule": [users, {"table": "public.notes", "keys": ["note:{slug}"]}]})


@pytest.fixture
def bare(stack: Stack, database: Endpoints) -> Iterator[Source]:
    """Give a database with tables, in which nothing has been prepared."""
    name = urlsplit(database.admin_url).path.removeprefix("/")
    primary = stack.require_primary()
    with databases.connect(primary, stack.tier.secrets, name) as connection:
        connection.execute(TABLES)
    conninfo = psycopg.conninfo.make_conninfo(
        host=primary.host, port=primary.port, user=SUPERUSER, password=stack.tier.secrets.superuser, dbname=name
    )
    source = Source(conninfo, slot=f"slot_{name}", publication=f"publication_{name}")
    yield source
    drop(source)


@pytest.fixture
def source(bare: Source, rules: tuple[Rule, ...]) -> Source:
    """Give a database whose slot and publication are there, with nothing missed."""
    prepare(bare, rules)
    close_gap(bare)
    return bare


@pytest.fixture
def execute(bare: Source) -> Iterator[Execute]:
    """Give what runs a statement in a transaction of its own."""
    with psycopg.connect(bare.conninfo, autocommit=True) as connection:

        def run(statement: str, *values: object) -> None:
            connection.execute(statement.encode(), values or None)

        yield run
