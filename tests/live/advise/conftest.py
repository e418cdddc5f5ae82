"""A server that plays the user's: a shop with two schemas, names in mixed case, types of many kinds."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.live.advise.shop import SHOP

from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.advise.plans.explain import Connection


@pytest.fixture(scope="session")
def server() -> Iterator[ScratchServer]:
    with scratch_server({"shared_preload_libraries": "pg_stat_statements"}) as server:
        yield server


@pytest.fixture(scope="session")
def shop(server: ScratchServer) -> str:
    """The address of the shop: what is asked of it stays as it is."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop")
    with psycopg.connect(server.conninfo("shop"), autocommit=True) as connection:
        connection.execute(SHOP)
        connection.execute("VACUUM ANALYZE")
    return server.conninfo("shop")


@pytest.fixture
def looking(shop: str) -> Iterator[Connection]:
    with psycopg.connect(shop, autocommit=True) as connection:
        yield connection
