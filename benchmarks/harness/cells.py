"""The settings in which libraries are compared: a cell holds what is the same for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product


@dataclass(frozen=True, slots=True)
class Cell:
    """Tasks that ask at the same time, the size of a value, TLS with a password or not, the event loop."""

    tasks: int = 50
    value_bytes: int = 1000
    tls: bool = False
    loop: str = "uvloop"


def around(centre: Cell) -> list[Cell]:
    """Return the centre and what differs from it in one thing."""
    return [
        centre,
        replace(centre, tasks=1),
        replace(centre, tasks=1000),
        replace(centre, value_bytes=100),
        replace(centre, value_bytes=20_000),
        replace(centre, tls=True),
        replace(centre, loop="asyncio"),
    ]


def crossed(tasks: Sequence[int], sizes: Sequence[int], tls: Sequence[bool], loops: Sequence[str]) -> list[Cell]:
    """Return every combination."""
    return [Cell(*values) for values in product(tasks, sizes, tls, loops)]


def by_size(cells: Sequence[Cell]) -> Iterator[tuple[int, list[Cell]]]:
    """Group cells whose values have the same size, which share one filled server."""
    for size in dict.fromkeys(cell.value_bytes for cell in cells):
        yield size, [cell for cell in cells if cell.value_bytes == size]
