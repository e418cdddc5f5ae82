"""The fence of a key as it stands in Redis: which invalidations a load of it has to see.

Many keys share one, so that all of them together take little memory and are seldom the least recently used; a fence
that is not there stands for everything that the primary has. The text, after the epoch of the Redis primary:

    SYSTEM FLOOR WRITER...      7711430346418263282 2.83886424 2.901 2.904

SYSTEM is the cluster's identifier, or - ; FLOOR is TIMELINE.LSN, or ? and a mark that nothing else has, where a load
must read what the primary has now; each WRITER is TIMELINE.XID of a transaction that may not have ended yet.
"""

from binascii import crc_hqx
from typing import Final, NamedTuple

from candlefish.client.aside.keys import name_beside
from candlefish.client.fence import UNKNOWN_SYSTEM, Fence, Floor, Load, Writer
from candlefish.client.redis.epoch import EPOCH_BYTES

FENCES: Final = 4096
"""Fences of a cache that is not sharded: 850 KiB when each names three writers (measured). With 1,000 invalidations a
second each is touched every four seconds."""

FENCE_MS: Final = 3_600_000
"""How long a fence lives that nobody touches. In a sharded cache each key has its own, so that this bounds them."""


class Fences:
    """Name the fence of a key."""

    def __init__(self, prefix: str, *, sharded: bool) -> None:
        self._prefix = prefix
        self._sharded = sharded

    def name(self, key: str) -> str:
        """Return the name: in a sharded cache one in the slot of its key."""
        if self._sharded:
            return name_beside(key, "fence")
        return f"{self._prefix}~fence:{crc_hqx(key.encode(), 0) % FENCES}"

    def names(self) -> tuple[str, ...]:
        """Return the names of all fences; none in a sharded cache, where they are as many as the keys."""
        return () if self._sharded else tuple(f"{self._prefix}~fence:{number}" for number in range(FENCES))


class OpenTag(NamedTuple):
    """A tag of what is being loaded: its place, and its fence as it was taken."""

    place: str
    raw: bytes

    @property
    def fence(self) -> Fence:
        """Return what a load has to see of the tag's invalidations."""
        return parse_fence(self.raw)


def parse_fence(raw: bytes) -> Fence:
    """Return the fence of what stands in Redis."""
    system, floor, *writers = raw[EPOCH_BYTES:].decode().split(" ")
    known = not floor.startswith("?")
    return Fence(system, Floor(*_pair(floor)) if known else None, tuple(Writer(*_pair(writer)) for writer in writers))


def raise_fence(fence: Fence, load: Load) -> str:
    """Return the text of a fence that had no floor, after a load that read what the primary had; empty: as before."""
    if load.refused or load.place is None or fence.floor is not None:
        return ""
    system, floor = load.place
    if fence.system not in (UNKNOWN_SYSTEM, system):
        return ""
    return " ".join([system, _text(floor), *map(_text, fence.writers)])


def _pair(text: str) -> tuple[int, int]:
    timeline, _, number = text.partition(".")
    return int(timeline), int(number)


def _text(pair: tuple[int, int]) -> str:
    return f"{pair[0]}.{pair[1]}"
