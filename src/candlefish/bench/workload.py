"""What one operation of a workload is, and the session through which it reaches the data tier.

A workload is a sequence of `Operation`s under an import path ("package.module:NAME"), because the load generator's
worker processes import it themselves. NAME is the sequence, or a function that takes the run's settings (a mapping,
for instance {"scale": 1.0, "seed": 7}) and gives the sequence.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, Protocol

Kind = Literal["read", "write"]


class Row(Protocol):
    """One row, read by column name: a driver's record, or a dict that came out of the cache.

    Out of the cache, uuid, timestamps and numeric are text; the driver takes a text back as a uuid argument.
    """

    def __getitem__(self, column: str, /) -> Any: ...


class Transaction(Protocol):
    """One open transaction on the primary."""

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Return all rows."""

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        """Return the first row, or None."""

    async def fetchval(self, sql: str, *args: object) -> Any:
        """Return the first column of the first row, or None."""

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement and return its command tag."""


class Session(Protocol):
    """What one request may do; every target (before, after, the ablations) brings its own.

    The three fetches go to a replica where the target has one: `primary=True` for anything that writes
    (`insert ... returning`) or must see its own write.
    """

    @property
    def optimised(self) -> bool:
        """Say whether the database has the functions and views of the optimisation, so that they may be called."""

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Row]:
        """Return all rows."""

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Row | None:
        """Return the first row, or None."""

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first column of the first row, or None."""

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement on the primary and return its command tag."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction on the primary: `async with session.transaction() as tx:`."""

    async def cached_read(self, key: str, sql: str, *args: object) -> Sequence[Row]:
        """Return the rows from the cache, or run the query on a replica and keep them; without a cache, just run it."""

    def forget(self, transaction: Transaction, *keys: str) -> None:
        """Delete keys from the cache with the commit of a transaction; without a cache, do nothing."""


Run = Callable[[Session, Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of request; `weight` is its share of the arrivals relative to the other operations'.

    `run` draws its arguments from the Random that it is given, and from nothing else.
    """

    name: str
    kind: Kind
    weight: float
    run: Run
    description: str = ""
