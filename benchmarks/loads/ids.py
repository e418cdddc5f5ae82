"""Writers of ids that are never written twice on purpose, and what the database has of them afterwards."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import psycopg

from candlefish import Database, DatabaseError
from loads.errors import Errors

Id = tuple[int, int]
"""A writer's number and its count."""

INSERT: Final = "insert into ids (writer, number) values ($1, $2)"

PAUSE_S: Final = 0.002
"""Seconds between two writes of one writer."""


@dataclass(slots=True)
class Fates:
    """What the writers were told: carried out, certainly not, or unknown."""

    acknowledged: set[Id] = field(default_factory=set)
    unknown: set[Id] = field(default_factory=set)
    refused: set[Id] = field(default_factory=set)
    times: list[float] = field(default_factory=list)
    errors: Errors = field(default_factory=Errors)
    longest_s: float = 0.0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What the database says about it: counts of ids."""

    lost: int
    doubled: int
    unknown_written: int
    refused_written: int


def make_ids(url: str) -> None:
    """Make a table that takes the same id twice, so that a repeated write is seen."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("create table ids (writer int not null, number bigint not null)")


async def alone(db: Database, writer: int, number: int) -> Any:
    """Write with one statement."""
    return await db.execute(INSERT, writer, number)


async def in_a_transaction(db: Database, writer: int, number: int) -> Any:
    """Write in a transaction."""
    async with db.transaction() as transaction:
        await transaction.execute(INSERT, writer, number)


async def in_a_function(db: Database, writer: int, number: int) -> Any:
    """Write in a transaction that the client may begin anew."""
    await db.run(lambda transaction: transaction.execute(INSERT, writer, number))


WAYS: Final[tuple[Callable[[Database, int, int], Awaitable[Any]], ...]] = (alone, in_a_transaction, in_a_function)


async def write_ids(db: Database, writer: int, fates: Fates) -> None:
    """Write one id after the other, each once, whatever becomes of it."""
    write, number = WAYS[writer % len(WAYS)], 0
    while not fates.finished:
        number += 1
        asked = perf_counter()
        try:
            await write(db, writer, number)
        except DatabaseError as error:
            fates.errors.add(error, write.__name__)
            _place(fates, error.carried_out).add((writer, number))
        else:
            fates.acknowledged.add((writer, number))
            fates.times.append(perf_counter())
        fates.longest_s = max(fates.longest_s, perf_counter() - asked)
        await asyncio.sleep(PAUSE_S)


def find_truth(url: str, fates: Fates) -> Truth:
    """Compare what the writers were told with what the primary of this moment has."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        found = Counter((int(row[0]), int(row[1])) for row in connection.execute("select writer, number from ids"))
    return Truth(
        lost=len(fates.acknowledged - found.keys()),
        doubled=sum(count > 1 for count in found.values()),
        unknown_written=len(fates.unknown & found.keys()),
        refused_written=len(fates.refused & found.keys()),
    )


def _place(fates: Fates, carried_out: bool | None) -> set[Id]:
    if carried_out is None:
        return fates.unknown
    return fates.acknowledged if carried_out else fates.refused
