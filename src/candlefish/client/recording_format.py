"""How recorded lookups stand in a file: a header, then records of 16 bytes in the order in which they were made.

    header   8 bytes  magic
             8 bytes  when the recording began, in ms since 1970
             8 bytes  the share of the keys that is recorded, as a double
    record   8 bytes  hash of the key (of a tally: lookups of any key since the last one)
             4 bytes  when, in ms since the recording began
             4 bytes  1 bit: it was a hit; 8 bits: length of the key (0: a tally); 23 bits: length of the value

All little-endian. A key is never in the file; its hash can be found again by who can guess the key.
"""

import struct
from hashlib import blake2b
from typing import Final, NamedTuple
from zlib import crc32

MAGIC: Final = b"cfaccess"
HEADER: Final = struct.Struct("<8sQd")
RECORD: Final = struct.Struct("<QII")

MOST_KEY_BYTES: Final = (1 << 8) - 1
MOST_VALUE_BYTES: Final = (1 << 23) - 1
"""Longer ones are noted with these lengths."""

MOST_MS: Final = (1 << 32) - 1
"""49 days: no recording is longer."""

_SPREAD: Final = 0x9E3779B1
"""2^32 by the golden ratio (Knuth's multiplicative hashing): CRCs of keys that differ in a digit are neighbours."""

SCALE: Final = 1 << 32


class Header(NamedTuple):
    """What a recording says of itself."""

    began_ms: int
    sample_ratio: float


class Record(NamedTuple):
    """One lookup; `value_bytes` is 0 where it was not known: at a miss."""

    key_hash: int
    at_ms: int
    hit: bool
    key_bytes: int
    value_bytes: int


def place_key(name: bytes) -> int:
    """Return a number below `SCALE` by which a key is recorded or not: the same in every process."""
    return crc32(name) * _SPREAD & SCALE - 1


def hash_key(name: bytes) -> int:
    """Return the hash of a key that stands for it in a recording."""
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "little")


def pack_meta(hit: bool, key_bytes: int, value_bytes: int) -> int:
    """Return the last four bytes of a record."""
    return min(value_bytes, MOST_VALUE_BYTES) << 9 | min(max(key_bytes, 1), MOST_KEY_BYTES) << 1 | hit


def unpack_record(first: int, at_ms: int, meta: int) -> Record:
    """Return a record from its fields; `key_bytes` 0 marks a tally."""
    return Record(first, at_ms, bool(meta & 1), meta >> 1 & MOST_KEY_BYTES, meta >> 9)


def parse_header(data: bytes) -> Header | None:
    """Return the header of a recording; None when it is none."""
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        return None
    _, began_ms, sample_ratio = HEADER.unpack_from(data)
    return Header(began_ms, sample_ratio) if 0 < sample_ratio <= 1 else None
