"""The options by which a reader chooses the cells: without any, the centre and what differs from it in one thing."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from harness.cells import Cell, around, crossed
from harness.loops import LOOPS
from harness.redis_server import DEFAULT_PORT

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    cells: list[Cell]
    libraries: frozenset[str]
    rounds: int
    seconds: float
    port: int
    json: bool


def parse_options(description: str | None) -> Options:
    """Read the command line; the program ends when it is wrong."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=several(int), help="asking at the same time, such as 1,50,1000")
    parser.add_argument("--sizes", type=several(int), help="of the values in bytes, such as 100,1000,20000")
    parser.add_argument("--tls", action="store_true", help="with TLS only (the password is always there)")
    parser.add_argument("--loop", type=several(loop), help="event loops: uvloop,asyncio")
    parser.add_argument("--libraries", type=several(str), default=[], help="those alone, such as redis-py,candlefish")
    parser.add_argument("--rounds", type=int, default=3, help="in which every row is measured once (default: 3)")
    parser.add_argument("--seconds", type=float, default=1.2, help="of one measurement (default: 1.2)")
    add_common(parser)
    given = parser.parse_args()
    return Options(_cells(given), frozenset(given.libraries), given.rounds, given.seconds, given.port, given.json)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that every benchmark of the cache has."""
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"of the server, and the next one (default: {DEFAULT_PORT})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of tables")


def several(kind: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return what reads a list with commas."""

    def read(text: str) -> list[T]:
        return [kind(word.strip()) for word in text.split(",")]

    read.__name__ = f"list of {kind.__name__}"  # as argparse names it in its message
    return read


def loop(text: str) -> str:
    """Read the name of an event loop."""
    if text not in LOOPS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(LOOPS)}")
    return text


def _cells(given: argparse.Namespace) -> list[Cell]:
    centre = Cell()
    if not (given.tasks or given.sizes or given.tls or given.loop):
        return around(centre)
    return crossed(
        given.tasks or [centre.tasks], given.sizes or [centre.value_bytes], [given.tls], given.loop or [centre.loop]
    )
