"""One statement on one connection, tried once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import asyncpg

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, translate
from candlefish.client.postgres.fenced import ReplicaBehind
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.retry import is_lost
from candlefish.errors import DatabaseError

T = TypeVar("T")
Method: TypeAlias = Callable[..., Awaitable[T]]
"""A method of the driver's connection: (connection, text, *args, timeout=seconds or None). No closure a statement."""


async def run_once(pool: Pool, method: Method[T], sql: str, args: tuple[Any, ...], timeout_s: float | None) -> T:
    """Run a statement on a connection of its own; raise our exceptions and ReplicaBehind."""
    connection = pool.take() or await pool.acquire()
    clean = False
    try:
        result = await ask(pool, connection, method, sql, args, timeout_s)
        clean = True
        return result
    except DatabaseError as error:
        clean = was_answered(error)
        raise
    except ReplicaBehind:
        clean = True
        raise
    finally:
        pool.release(connection, clean=clean)


async def ask(
    pool: Pool, connection: Connection, method: Method[T], sql: str, args: tuple[Any, ...], timeout_s: float | None
) -> T:
    """Run a statement on a connection of a pool; raise our exceptions, and tell the pool what they say of its server.

    `timeout_s` None: the pool's own deadline.
    """
    pool.statements += 1
    mark = pool.plan_mark
    if timeout_s is not None:
        ...
