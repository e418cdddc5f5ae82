"""Try every order of steps, each world once."""

from collections import deque
from collections.abc import Iterable

from tests.unit.client.model.protocol import FAULTS, Reader, Rule, World, Writer, is_stale, steps


def find_stale(
    writers: Iterable[Writer],
    readers: Iterable[Reader],
    *,
    may: frozenset[str] = FAULTS,
    without: frozenset[Rule] = frozenset(),
    at_most: int | None = None,
) -> World | None:
    """Return a world in which a lookup can return what is out of date, or None when there is none.

    `at_most` bounds the worlds that are tried, those of the fewest steps first.
    """
    first = World(tuple(writers), tuple(readers), may=may, rules=frozenset(Rule) - without)
    seen, left = {first}, deque([first])
    while left:
        world = left.popleft()
        if is_stale(world):
            return world
        if at_most is not None and len(seen) > at_most:
            return None
        for after in steps(world):
            if after not in seen:
                seen.add(after)
                left.append(after)
    return None
