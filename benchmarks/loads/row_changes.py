"""Row changes at a steady rate, whether the database keeps up or not."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import asyncpg

TABLE = "create table items (id int primary key, changes int not null default 0)"


@dataclass(frozen=True, slots=True)
class Rate:
    """Row changes a second, in transactions of so many rows, over so many connections, for so long."""

    rows_per_second: int
    rows_in_transaction: int
    connections: int
    seconds: float

    @property
    def transactions(self) -> int:
        """Return how many there are in all."""
        return int(self.rows_per_second * self.seconds) // self.rows_in_transaction


def ids_of(number: int, rate: Rate, rows: int) -> list[int]:
    """Return the rows that a transaction changes: one after the other, from the first again after the last."""
    first = number * rate.rows_in_transaction
    return [(first + offset) % rows for offset in range(rate.rows_in_transaction)]


async def fill(url: str, rows: int) -> None:
    """Make the table and its rows."""
    connection = await asyncpg.connect(url)
    await connection.execute(TABLE)
    await connection.execute("insert into items select i from generate_series(0, $1 - 1) i", rows)
    await connection.close()


async def change(url: str, rate: Rate, rows: int, note: Callable[[list[int], float, float], None]) -> float:
    """Change rows, and note for each transaction when it was sent and when its commit was answered.

    Return the seconds that it took: more than the rate says where the database is slower.
    """
    numbers, started = count(), time.perf_counter()
    async with asyncpg.create_pool(url, min_size=rate.connections, max_size=rate.connections) as pool:
        await asyncio.gather(*(_work(pool, rate, rows, numbers, note) for _ in range(rate.connections)))
    return time.perf_counter() - started


async def _work(
    pool: asyncpg.Pool,
    rate: Rate,
    rows: int,
    numbers: Iterator[int],
    note: Callable[[list[int], float, float], None],
) -> None:
    async with pool.acquire() as connection:
        statement = await connection.prepare("update items set changes = changes + 1 where id = any($1::int[])")
        began = time.perf_counter()
        while (number := next(numbers)) < rate.transactions:
            due = began + number * rate.rows_in_transaction / rate.rows_per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            ids = ids_of(number, rate, rows)
            sent = time.perf_counter()
            await statement.fetch(ids)
            note(ids, sent, time.perf_counter())
