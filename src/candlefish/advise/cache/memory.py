"""How many bytes a key with a string value takes in Redis 7.0, as its own `used_memory` counts them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

QUANTUM_BYTES: Final = 16
"""jemalloc's smallest step between sizes as distributions build it; measured on Debian's redis-server 7.0.15. The copy
that Redis brings along steps by 8, which saves 8 bytes of each hash table entry: 2 % of a key with 300 bytes."""

SMALL_CLASS_BYTES: Final = 8
"""jemalloc's smallest size."""

CLASSES_A_DOUBLING_LOG2: Final = 2
"""jemalloc has four sizes between a power of two and the next."""

ENTRY_BYTES: Final = 24
"""dictEntry of 7.0: key, value, next (dict.h). In a cluster it has two pointers more."""

OBJECT_BYTES: Final = 16
"""robj: type, encoding, 24 bits of LRU or LFU, reference count, pointer (server.h)."""

POINTER_BYTES: Final = 8

EMBEDDED_BYTES: Final = 44
"""Longest value that stands in its robj's own allocation (OBJ_ENCODING_EMBSTR_SIZE_LIMIT, object.c)."""

EMPTY_SERVER_BYTES: Final = 876_072
"""`used_memory_startup` of redis-server 7.0.15 on 64 bits: an empty server without clients."""

COMMANDS_BYTES: Final = 310_000
"""What Redis keeps for the dozen commands that `Cache` uses, from the first use of each: above all the histograms of
their latency (`latency-tracking`); measured on 7.0.15."""

CLIENT_BYTES: Final = 38_000
"""A connection in use: its query buffer and its reply buffer; measured. After some idle seconds it is 2,200."""


def round_up(size_bytes: int) -> int:
    """Return what the allocator gives for so many bytes: its size classes."""
    if size_bytes <= SMALL_CLASS_BYTES:
        return SMALL_CLASS_BYTES
    step = max(QUANTUM_BYTES, 1 << ((size_bytes - 1).bit_length() - 1 - CLASSES_A_DOUBLING_LOG2))
    return -(-size_bytes // step) * step


def size_text(length: int) -> int:
    """Return the bytes of a text of its own (sds.c): a header by its length, and a zero at the end."""
    return round_up(_header(length) + length + 1)


def _header(length: int) -> int:
    if length < 1 << 5:
        return 1
    if length < 1 << 8:
        return 3
    return 5 if length < 1 << 16 else 9


def size_value(length: int) -> int:
    """Return the bytes of a value: its object, and its text where it has an allocation of its own."""
    if length <= EMBEDDED_BYTES:
        return round_up(OBJECT_BYTES + _header(1 << 5) + length + 1)
    return OBJECT_BYTES + size_text(length)


def size_key(key_bytes: int, value_bytes: int, *, expires: bool) -> int:
    """Return the bytes of a key with its value; the hash tables themselves are counted by `size_table`."""
    entries = 2 if expires else 1  # the second one is in the table of what expires; it shares the key's text
    return entries * round_up(ENTRY_BYTES) + size_text(key_bytes) + size_value(value_bytes)


def size_table(slots: int, *, expires: bool) -> int:
    """Return the bytes of the hash table of all keys, and of the one of those that expire."""
    return round_up(slots * POINTER_BYTES) * (2 if expires else 1)


@dataclass(frozen=True, slots=True)
class Footprint:
    """How many bytes each key takes, by its number."""

    sizes: tuple[int, ...]
    expires: bool

    def of_keys(self, count: float) -> int:
        """Return the bytes that so many average keys take together with the tables that lead to them."""
        mean = sum(self.sizes) / len(self.sizes)
        slots = 1 << max(2, (max(1, round(count)) - 1).bit_length())
        return round(mean * count) + size_table(slots, expires=self.expires)


def make_footprint(key_bytes: Iterable[int], value_bytes: Iterable[int], *, expires: bool) -> Footprint:
    """Return the sizes of keys with such lengths."""
    seen: dict[tuple[int, int], int] = {}
    sizes = []
    for pair in zip(key_bytes, value_bytes, strict=True):
        if pair not in seen:
            seen[pair] = size_key(*pair, expires=expires)
        sizes.append(seen[pair])
    return Footprint(tuple(sizes), expires)
