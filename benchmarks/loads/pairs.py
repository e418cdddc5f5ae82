"""Write-then-read pairs in every way that an application has, and readers that wrote nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any, Final, TypeVar

import psycopg

from candlefish import Database, DatabaseError
from loads.errors import Errors

T = TypeVar("T")

WRITE: Final = "update counters set value = $2 where id = $1"
READ: Final = "select value, pg_is_in_recovery() as on_replica from counters where id = $1"


@dataclass(slots=True)
class Counts:
    """What was seen; `acknowledged` is the last value that each pair's writer knows to be written."""

    acknowledged: list[int]
    pairs: int = 0
    misses: int = 0
    own_on_replicas: int = 0
    reads: int = 0
    reads_on_replicas: int = 0
    stale_reads: int = 0
    killed: int = 0
    revived: int = 0
    finished: bool = False
    pair_s: list[float] = field(default_factory=list)
    errors: Errors = field(default_factory=Errors)


def make_counters(url: str, count: int) -> None:
    """Make one row for each writer."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("create table counters (id int primary key, value bigint not null)")
        connection.execute("insert into counters select n, 0 from generate_series(0, %s - 1) n", [count])


async def in_one_task(db: Database, number: int, value: int) -> Any:
    """Write and read one after the other."""
    await db.execute(WRITE, number, value)
    return await db.fetchrow(READ, number)


async def in_a_transaction(db: Database, number: int, value: int) -> Any:
    """Write in a transaction, read after it."""
    async with db.transaction() as transaction:
        await transaction.execute(WRITE, number, value)
    return await db.fetchrow(READ, number)


async def in_a_function(db: Database, number: int, value: int) -> Any:
    """Write in a transaction that may be run again, read after it."""
    await db.run(lambda transaction: transaction.execute(WRITE, number, value))
    return await db.fetchrow(READ, number)


async def in_child_tasks(db: Database, number: int, value: int) -> Any:
    """Write in one child task and read in the next, inside one scope."""
    with db.own_writes():
        await asyncio.gather(db.execute(WRITE, number, value))
        return (await asyncio.gather(db.fetchrow(READ, number)))[0]


async def by_a_token(db: Database, number: int, value: int) -> Any:
    """Write in one request and read in another, which has the token of the first."""

    async def write() -> str | None:
        with db.own_writes() as writes:
            await db.execute(WRITE, number, value)
            token: str | None = await writes.token()
            return token

    async def read(token: str | None) -> Any:
        with db.own_writes(token):
            return await db.fetchrow(READ, number)

    return await _apart(read(await _apart(write())))


WAYS: Final[tuple[Callable[[Database, int, int], Awaitable[Any]], ...]] = (
    in_one_task,
    in_a_transaction,
    in_a_function,
    in_child_tasks,
    by_a_token,
)


async def write_and_read(db: Database, number: int, counts: Counts, turns: Iterator[int]) -> None:
    """Make pairs on a row of one's own, in each way in turn; a read that does not show its write is a miss."""
    for value, turn in enumerate(turns, 1):
        asked = perf_counter()
        try:
            row = await WAYS[turn % len(WAYS)](db, number, value)
        except DatabaseError as error:
            counts.errors.add(error, WAYS[turn % len(WAYS)].__name__)
            continue
        counts.pair_s.append(perf_counter() - asked)
        counts.pairs += 1
        counts.misses += row is None or row["value"] < value
        counts.own_on_replicas += row is not None and row["on_replica"]
        counts.acknowledged[number] = value


async def read_only(db: Database, counts: Counts, random: Random) -> None:
    """Read the writers' rows without having written; a value older than an acknowledged one shows that replicas lag."""
    while not counts.finished:
        number = random.randrange(len(counts.acknowledged))
        known = counts.acknowledged[number]
        try:
            row = await db.fetchrow(READ, number)
        except DatabaseError as error:
            counts.errors.add(error, "a reader")
            continue
        assert row is not None
        counts.reads += 1
        counts.reads_on_replicas += row["on_replica"]
        counts.stale_reads += row["value"] < known


async def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Await in a context that knows nothing of this one."""
    return await asyncio.create_task(work, context=Context())
