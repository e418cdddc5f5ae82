"""Who takes part, on which way to the server, and with what it is compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.contender import Way
from drivers.statements import OPERATIONS


@dataclass(frozen=True, slots=True)
class Library:
    """One driver in one setting; `opener` is MODULE:FUNCTION of this package."""

    name: str
    opener: str


BARE: Final = Library("asyncpg", "asyncpg_connections:open_connections")
"""What all others are compared with: the driver that `Database` is built on, without a pool."""

CANDLEFISH: Final = Library("candlefish", "candlefish_database:open_database")

PSYCOPG: Final = Library("psycopg", "psycopg_connections:open_connections")
PSYCOPG_POOL: Final = Library("psycopg pool", "psycopg_pool:open_pool")

ALL: Final = (
    BARE,
    CANDLEFISH,
    Library("asyncpg pool", "asyncpg_pool:open_pool"),
    Library("asyncpg pool, no reset", "asyncpg_pool:open_pool_without_reset"),
    PSYCOPG,
    PSYCOPG_POOL,
)
"""In the order in which they are measured: what the promise compares stands side by side."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way to the server; `prepared` tells whether prepared statements survive on it."""

    name: str
    write_url: str
    read_urls: tuple[str, ...] = ()
    prepared: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One row."""

    path: Path
    operation: str
    loop: str
    tasks: int
    library: Library
    prepared: bool

    @property
    def cell(self) -> tuple[str, str, str, int]:
        """Return what the rows that are compared have in common."""
        return (self.path.name, self.operation, self.loop, self.tasks)

    @property
    def is_baseline(self) -> bool:
        """Tell whether the others of the cell are compared with this row."""
        return self.library == BARE and self.prepared == self.path.prepared

    @property
    def label(self) -> str:
        """Name the row for the progress line."""
        return f"{self.path.name}: {self.library.name}, {self.operation}, {self.tasks} tasks, {self.loop}"

    def way(self) -> Way:
        """Return what the driver is told: a connection for each task."""
        return Way(self.path.write_url, self.path.read_urls, self.tasks, self.prepared)


def pooled(path: Path, loops: Sequence[str], tasks: Sequence[int]) -> Iterator[Entry]:
    """Give every operation through the pooler, on which prepared statements work; psycopg also without them."""
    for loop in loops:
        for count in tasks:
            for operation in OPERATIONS:
                yield from (Entry(path, operation, loop, count, library, True) for library in ALL)
            yield from (Entry(path, "select", loop, count, library, False) for library in (PSYCOPG, PSYCOPG_POOL))


def direct(path: Path, loops: Sequence[str], tasks: Sequence[int]) -> Iterator[Entry]:
    """Give the reads past the pooler."""
    for loop in loops:
        for count in tasks:
            yield from (Entry(path, "select", loop, count, library, True) for library in (BARE, CANDLEFISH, PSYCOPG))


def on_replicas(path: Path, loops: Sequence[str], tasks: Sequence[int]) -> Iterator[Entry]:
    """Give the reads that go to the replicas, through the same pooler."""
    for loop in loops:
        for count in tasks:
            yield from (Entry(path, "select", loop, count, library, True) for library in (BARE, CANDLEFISH))


def unprepared(path: Path, loops: Sequence[str], tasks: Sequence[int]) -> Iterator[Entry]:
    """Give the reads through a pooler that loses prepared statements; both drivers also as if it did not."""
    for loop in loops:
        for count in tasks:
            yield from (Entry(path, "select", loop, count, library, False) for library in (BARE, CANDLEFISH, PSYCOPG))
            yield from (Entry(path, "select", loop, count, library, True) for library in (BARE, PSYCOPG))
