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


async def ask(
    pool: Pool,
    method: Method[T],
    sql: str,
    args: tuple[Any, ...],
    timeout_s: float | None = None,
    *,
    on: Connection | None = None,
) -> T:
    """Run a statement on a connection of a pool (`on`: the one that is borrowed already); raise ours, ReplicaBehind.

    `timeout_s` None: the pool's own deadline. The pool hears what a failure says of its server and its plans.
    """
    connection = on or pool.take() or await pool.acquire()
    mark = pool.plan_mark
    pool.statements += 1
    task = pool.deadlines.begin() if timeout_s is None else None
    clean = False
    try:
        result = await method(connection, sql + mark, *args, timeout=timeout_s)
        clean = True
        return result
    except DRIVER_ERRORS as error:
        ours = translate(error)
        clean = was_answered(error, ours)
        _note(pool, ours, mark)
        raise ours from error
    except ReplicaBehind:
        clean = True
        raise
    except asyncio.CancelledError:
        if task is not None and pool.deadlines.is_passed(task):
            raise statement_timeout() from None
        raise
    finally:
        if task is not None:
            pool.deadlines.end(task)
        if on is None:
            pool.release(connection, clean=clean)


def was_answered(error: BaseException | None, ours: DatabaseError) -> bool:
    """Tell whether the server answered, so that the connection is as good as before."""
    return isinstance(error, asyncpg.PostgresError) and not is_lost(ours)


def _note(pool: Pool, error: DatabaseError, mark: str) -> None:
    if is_lost(error):
        pool.note_lost()
    elif isinstance(error, PlanOutdated) and mark == pool.plan_mark:
        pool.outdate_plans()
