"""Databases with the reference application in them, at a scale that loads in a second."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from candlefish.demo.dataset import load
from candlefish.demo.operations import operations
from candlefish.demo.optimise import optimise
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack

SCALE = 0.01


class DirectSession:
    """One connection to the primary, without pool, replicas and cache: the smallest thing an operation runs on."""

    def __init__(self, connection: asyncpg.Connection, *, optimised: bool) -> None:
        self.optimised = optimised
        self.forgotten: list[str] = []
        self.asked: list[str] = []
        self._connection = connection

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Any]:
        rows: Sequence[Any] = await self._connection.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Any:
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        return str(await self._connection.execute(sql, *args))

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator["DirectSession"]:
        async with self._connection.transaction():
            yield self

    async def cached_read(self, key: str, sql: str, *args: object) -> Sequence[Any]:
        self.asked.append(key)
        return await self.fetch(sql, *args)

    def forget(self, transaction: object, *keys: str) -> None:
        self.forgotten += keys


def on_primary(stack: Stack, endpoints: Endpoints) -> str:
    """Return the administrator's URL with one host: a replica asked first may not know a new database yet."""
    found, primary = urlsplit(endpoints.admin_url), stack.require_primary()
    login = found.netloc.rpartition("@")[0]
    return f"{found.scheme}://{login}@{primary.host}:{primary.port}{found.path}"


@pytest.fixture
def url(stack: Stack, database: Endpoints) -> str:
    """Give the primary's own URL of an empty database."""
    return on_primary(stack, database)


@pytest.fixture
async def loaded(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection to a database as the application started."""
    await load(url, scale=SCALE)
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def optimised(url: str, loaded: asyncpg.Connection) -> asyncpg.Connection:
    """Give a connection to the optimised database."""
    optimise(url)
    return loaded


@pytest.fixture(scope="session")
def shared_url(stack: Stack) -> Iterator[str]:
    """Give the direct URL of an optimised database for tests that leave it as they found it."""
    name = "demo_shared"
    stack.add_database(name)
    url = on_primary(stack, stack.endpoints(name))
    asyncio.run(load(url, scale=SCALE))
    optimise(url)
    yield url
    stack.forget_database(name)
    databases.drop_database(stack.require_primary(), stack.tier.secrets, name)


@pytest.fixture
async def shared(shared_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection to the shared optimised database, in a transaction that is rolled back."""
    connection = await asyncpg.connect(shared_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
def open_session() -> Callable[..., DirectSession]:
    """Give what makes a session of a connection: an operation's way to the database."""
    return DirectSession


@pytest.fixture
def run_workload() -> Callable[..., Awaitable[None]]:
    """Give what runs every operation some times, one after the other."""

    async def run(connection: asyncpg.Connection, *, optimised: bool, scale: float, draws: int) -> None:
        session, random = DirectSession(connection, optimised=optimised), Random(7)
        for operation in operations({"scale": scale}):
            for _ in range(draws):
                await operation.run(session, random)

    return run
