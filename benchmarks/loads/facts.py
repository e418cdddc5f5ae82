"""Rows that never change, asked for through the cache or from the database; every answer is checked."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from random import Random
from time import perf_counter
from typing import Final

import psycopg

from candlefish import Cache, Database
from loads.errors import Errors

FACTS: Final = 2000

THINK_S: Final = 0.002
"""Seconds between an answer and the next question of a caller: the machine is loaded, not saturated."""

QUESTION: Final = "select body from facts where id = $1"


@dataclass(frozen=True, slots=True)
class Call:
    """One answer: when it came, and how long it took (seconds)."""

    at: float
    took_s: float


@dataclass(slots=True)
class Calls:
    """What the callers saw."""

    answers: list[Call] = field(default_factory=list)
    wrong: int = 0
    errors: Errors = field(default_factory=Errors)
    finished: bool = False

    def between(self, first: float, last: float) -> list[float]:
        """Return how long the calls took that began and ended between two moments, in ascending order."""
        return sorted(call.took_s for call in self.answers if first <= call.at - call.took_s and call.at < last)


def make_facts(url: str) -> dict[int, str]:
    """Make the rows and return what the database says they are."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute(
            "create table facts as select n as id, md5(n::text) || repeat('.', 500) as body"
            " from generate_series(0, %s - 1) n",
            [FACTS],
        )
        connection.execute("alter table facts add primary key (id)")
        rows = connection.execute("select id, body from facts").fetchall()
    return {int(row[0]): str(row[1]) for row in rows}


class Facts:
    """The rows, as they are and as they are loaded."""

    def __init__(self, db: Database, expected: dict[int, str]) -> None:
        self._db = db
        self._expected = expected

    async def call_cache(self, cache: Cache, calls: Calls, random: Random) -> None:
        """Ask the cache, again and again; while Redis is away each answer takes a load."""
        while not calls.finished:
            number = random.randrange(FACTS)
            asked = perf_counter()
            try:
                body = await cache.get_or_load(f"fact:{number}", partial(self._read, number), shape=str)
            except Exception as error:  # noqa: BLE001 - none is allowed to come, so every kind is counted
                calls.errors.add(error)
                continue
            self._keep(calls, number, body, asked)
            await asyncio.sleep(THINK_S)

    async def read_database(self, calls: Calls, random: Random) -> None:
        """Ask the database, again and again."""
        while not calls.finished:
            number = random.randrange(FACTS)
            asked = perf_counter()
            try:
                body = await self._read(number)
            except Exception as error:  # noqa: BLE001 - as above
                calls.errors.add(error)
                continue
            self._keep(calls, number, body, asked)
            await asyncio.sleep(THINK_S)

    async def _read(self, number: int) -> str:
        body: str = await self._db.fetchval(QUESTION, number)
        return body

    def _keep(self, calls: Calls, number: int, body: str, asked: float) -> None:
        now = perf_counter()
        calls.answers.append(Call(now, now - asked))
        calls.wrong += body != self._expected[number]
