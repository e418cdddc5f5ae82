"""Taking turns: what a noisy minute does to one row it does to all of them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def take_turns(entries: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """Give every entry once in each round, numbered from 1; every round begins with another entry."""
    for number in range(rounds):
        first = number % len(entries) if entries else 0
        for entry in (*entries[first:], *entries[:first]):
            yield number + 1, entry
