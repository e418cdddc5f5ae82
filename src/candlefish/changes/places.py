"""The client's scripts over several places in one call: ten thousand of them a second are too many one by one."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from candlefish.client.aside.fences import Fences
from candlefish.client.aside.keys import name_lease
from candlefish.client.aside.scripts import ANNOUNCE, CONFIRM, INVALIDATE
from candlefish.client.fence import Writer
from candlefish.client.redis.script import Script

PLACES_IN_A_CALL: Final = 100
"""Redis does nothing else while a script runs: a hundred places take it less than a millisecond (measured)."""


class Mark(NamedTuple):
    """A place in Redis, and the transaction that has changed what it holds."""

    place: str
    writer: Writer


def names_of(place: str, fences: Fences) -> tuple[str, str, str]:
    """Return what a script of the client needs to know of a place: itself, its lease, its fence."""
    return place, name_lease(place), fences.name(place)


def cut(marks: Sequence[Mark], *, sharded: bool) -> Iterator[Sequence[Mark]]:
    """Cut into what goes into one call: in a sharded cache each place alone, as its slot may be anywhere."""
    size = 1 if sharded else PLACES_IN_A_CALL
    return (marks[first : first + size] for first in range(0, len(marks), size))


def _over_places(script: Script, own: int) -> Script:
    """Return a script that runs another for each three KEYS; its argument `own` differs from place to place.

    ARGV: the script's own arguments, then the `own` of each place.
    """
    return Script(
        f"""
local function step(KEYS, ARGV)
{script.text}
end
local shared = #ARGV - #KEYS / 3
local arguments = {{unpack(ARGV, 1, shared)}}
for place = 1, #KEYS / 3 do
  arguments[{own}] = ARGV[shared + place]
  step({{unpack(KEYS, place * 3 - 2, place * 3)}}, arguments)
end
"""
    )


ANNOUNCE_PLACES: Final = _over_places(ANNOUNCE, 5)
"""The xid differs."""

CONFIRM_PLACES: Final = _over_places(CONFIRM, 3)
"""TIMELINE.XID differs."""

INVALIDATE_PLACES: Final = _over_places(INVALIDATE, 2)
"""The mark differs."""
