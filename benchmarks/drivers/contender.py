"""What a driver has to do to be measured, and what it is told."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Way:
    """Where to write, where to read (the same, or replicas), with how many connections, prepared statements or not."""

    write_url: str
    read_urls: tuple[str, ...]
    connections: int
    prepared: bool


class Contender(Protocol):
    """Carries out the operations of drivers/statements.py; each returns something that is not None."""

    async def select(self, key: int) -> Any:
        """Read one row."""

    async def insert(self, key: int) -> Any:
        """Write one row."""

    async def transaction(self, key: int) -> Any:
        """Change one row and write another, in one transaction."""


class Opener(Protocol):
    """Opens a contender for `async with`."""

    def __call__(self, way: Way) -> AbstractAsyncContextManager[Contender]: ...
