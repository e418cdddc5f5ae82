"""One statement on one connection, tried once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import asyncpg

from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, statement_timeout, translate
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
    task = pool.deadlines.begin() if timeout_s is None else None
    try:
        return await method(connection, sql + mark, *args, timeout=timeout_s)
    except DRIVER_ERRORS as error:
        ours = translate(error)
        if is_lost(ours):
            pool.note_lost()
        elif isinstance(ours, PlanOutdated) and mark == pool.plan_mark:
            pool.outdate_plans()
        raise ours from error
    except asyncio.CancelledError:
        if task is not None and pool.deadlines.is_passed(task):
            raise statement_timeout() from None
        raise
    finally:
        if task is not None:
            pool.deadlines.end(task)


def was_answered(error: DatabaseError) -> bool:
    """Tell whether the server answered, so that the connection is as good as before."""
    return isinstance(error.__cause__, asyncpg.PostgresError) and not is_lost(error)
