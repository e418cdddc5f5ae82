"""Everything that an application asks of `Cache` and `Database`, in a fixed mix, at random; answers are checked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, TypeVar

import psycopg

from candlefish import Cache, Database
from loads.errors import Errors

T = TypeVar("T")

ROWS: Final = 5000
"""Rows that never change; each is cached under a key of its own."""

BODY_BYTES, LARGE_BYTES, LARGE_EVERY = 500, 100_000, 500
"""One row in 500 is large enough to travel apart from the small ones."""

COUNTERS: Final = 1000
"""Rows that are changed."""

MANY: Final = 10
"""Keys or rows that are asked for at once."""

TTL_S: Final = 20.0
"""So short that every key expires many times in a run."""

IMPATIENT_S: Final = 0.001
"""Seconds after which a caller gives up."""

TABLES: Final = f"""
create table things as select n as id, repeat(chr(97 + n % 26), case when n % {LARGE_EVERY} = 0 then {LARGE_BYTES}
    else {BODY_BYTES} end) as body from generate_series(0, {ROWS} - 1) n;
alter table things add primary key (id);
create table counters (id int primary key, value bigint not null) with (fillfactor = 50);
insert into counters select n, 0 from generate_series(0, {COUNTERS} - 1) n;
"""

READ_ONE: Final = "select id, body from things where id = $1"
READ_SOME: Final = "select id, body from things where id = any($1)"
COUNT: Final = "update counters set value = value + 1 where id = $1"
READ_COUNTER: Final = "select value from counters where id = $1"


@dataclass(frozen=True, slots=True)
class Thing:
    """One row that never changes."""

    id: int
    body: str

    def is_right(self, number: int) -> bool:
        """Tell whether this is the row that was asked for, in full."""
        length = LARGE_BYTES if number % LARGE_EVERY == 0 else BODY_BYTES
        return self.id == number and self.body == chr(97 + number % 26) * length


@dataclass(slots=True)
class Done:
    """What was done so far."""

    cache_operations: int = 0
    statements: int = 0
    wrong: int = 0
    gave_up: int = 0
    errors: Errors = field(default_factory=Errors)


def make_things(url: str) -> None:
    """Make the tables."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in TABLES.strip().split(";\n"):
            connection.execute(statement.rstrip(";\n").encode())


class Everything:
    """The operations; each counts what it did."""

    def __init__(self, db: Database, cache: Cache, done: Done, random: Random) -> None:
        self._db = db
        self._cache = cache
        self._done = done
        self._random = random
        self.cache_mix = self._mixed({
            self._get_or_load: 80, self._get: 10, self._set: 3, self._delete: 2,
            self._get_many: 1, self._get_many_or_load: 1, self._give_up_get: 1,
        })  # fmt: skip
        self.statement_mix = self._mixed({
            self._read_one: 500, self._read_some: 100, self._count: 200, self._in_a_transaction: 80, self._run: 80,
            self._own_write: 38, self._give_up_read: 2,
        })  # fmt: skip

    def _mixed(self, weights: Mapping[Callable[[], Awaitable[None]], int]) -> list[Callable[[], Awaitable[None]]]:
        mix = [operation for operation, weight in weights.items() for _ in range(weight)]
        self._random.shuffle(mix)
        return mix

    # -- cache -----------------------------------------------------------------------------------------

    async def _get_or_load(self) -> None:
        number = self._draw()
        self._done.cache_operations += 1
        thing = await self._cache.get_or_load(_key(number), partial(self._load, number), shape=Thing)
        self._done.wrong += not thing.is_right(number)

    async def _get(self) -> None:
        number = self._draw()
        self._done.cache_operations += 1
        thing = await self._cache.get(_key(number), shape=Thing)
        self._done.wrong += thing is not None and not thing.is_right(number)

    async def _set(self) -> None:
        number = self._random.randrange(1, LARGE_EVERY)
        self._done.cache_operations += 1
        await self._cache.set(f"set:{number}", number)

    async def _delete(self) -> None:
        self._done.cache_operations += 1
        await self._cache.delete(_key(self._draw()))

    async def _get_many(self) -> None:
        numbers = self._draw_many()
        self._done.cache_operations += MANY
        found = await self._cache.get_many([_key(number) for number in numbers], shape=Thing)
        self._done.wrong += sum(not thing.is_right(int(key.rpartition(":")[2])) for key, thing in found.items())

    async def _get_many_or_load(self) -> None:
        numbers = self._draw_many()
        self._done.cache_operations += MANY
        found = await self._cache.get_many_or_load("thing:{}", numbers, self._load_many, shape=Thing)
        self._done.wrong += sum(
            (thing := found.get(number)) is None or not thing.is_right(number) for number in numbers
        )

    async def _give_up_get(self) -> None:
        self._done.cache_operations += 1
        await self._give_up(self._cache.get_or_load("slow", self._load_slowly, ttl_s=0.1), after_s=0.0)

    async def _load(self, number: int) -> Thing:
        self._done.statements += 1
        thing = await self._db.fetchrow(READ_ONE, number, into=Thing)
        assert thing is not None
        return thing

    async def _load_many(self, numbers: Iterable[int]) -> dict[int, Thing]:
        self._done.statements += 1
        things = await self._db.fetch(READ_SOME, list(numbers), into=Thing)
        return {thing.id: thing for thing in things}

    async def _load_slowly(self) -> int:
        await asyncio.sleep(IMPATIENT_S)
        return 1

    # -- database --------------------------------------------------------------------------------------

    async def _read_one(self) -> None:
        number = self._draw()
        self._done.wrong += not (await self._load(number)).is_right(number)

    async def _read_some(self) -> None:
        numbers = self._draw_many()
        self._done.wrong += len(await self._load_many(numbers)) != len(numbers)

    async def _count(self) -> None:
        self._done.statements += 1
        await self._db.execute(COUNT, self._draw_counter())

    async def _in_a_transaction(self) -> None:
        self._done.statements += 2
        first, second = sorted((self._draw_counter(), self._draw_counter()))  # in one order: no deadlock
        async with self._db.transaction() as transaction:
            await transaction.execute(COUNT, first)
            await transaction.execute(COUNT, second)

    async def _run(self) -> None:
        self._done.statements += 1
        number = self._draw_counter()
        await self._db.run(lambda transaction: transaction.execute(COUNT, number))

    async def _own_write(self) -> None:
        self._done.statements += 2
        number = self._draw_counter()
        with self._db.own_writes():
            await self._db.execute(COUNT, number)
            self._done.wrong += not await self._db.fetchval(READ_COUNTER, number)

    async def _give_up_read(self) -> None:
        self._done.statements += 1
        await self._give_up(self._db.fetchval("select 1 from pg_sleep(0.01)"), after_s=IMPATIENT_S)

    # -- shared ----------------------------------------------------------------------------------------

    async def _give_up(self, work: Awaitable[T], *, after_s: float) -> None:
        try:
            async with asyncio.timeout(after_s):
                await work
        except TimeoutError:
            self._done.gave_up += 1

    def _draw(self) -> int:
        return self._random.randrange(ROWS)

    def _draw_many(self) -> list[int]:
        return [LARGE_EVERY * index + 1 + self._random.randrange(LARGE_EVERY - 1) for index in range(MANY)]

    def _draw_counter(self) -> int:
        return self._random.randrange(COUNTERS)


def _key(number: int) -> str:
    return f"thing:{number}"
