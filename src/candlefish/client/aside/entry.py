"""What stands in Redis under a key: a header of fixed length, then the payload.

The header: codec and flags (1 byte), fingerprint of the form (4), basis (8), stamp (8), until (8, ms since 1970), load
time (4, ms). Until then a timed entry is fresh; every other one lives in Redis until then. The basis is the epoch of
the Redis primary (see `redis.epoch`), or of a tagged entry a digest of it and of its tags' versions (see `tags`): an
entry of another basis is not served. The stamp is random, and names this fill: an entry of a second form carries the
stamp of the one it was filled beside.
"""

import os
from struct import Struct
from typing import Final, NamedTuple

from candlefish.client.redis.epoch import EPOCH_BYTES

MSGPACK: Final = 0x10
JSON: Final = 0x20
RAW: Final = 0x30
"""The upper half of the flags: under which codec a value is kept. A later layout takes other ones."""
COMPRESSED: Final = 1
NONE: Final = 2
TIMED: Final = 4

_LAYOUT: Final = Struct(">B4s8s8sQI")
HEADER_BYTES: Final = _LAYOUT.size
STAMP_BYTES: Final = 8
FINGERPRINT_BYTES: Final = 4
BASIS_OFFSET: Final = 1 + FINGERPRINT_BYTES
STAMP_OFFSET: Final = BASIS_OFFSET + EPOCH_BYTES
UNTIL_OFFSET: Final = STAMP_OFFSET + STAMP_BYTES
_CODEC_MASK: Final = 0xF0
_LONGEST_LOAD_MS: Final = 2**32 - 1


class Header(NamedTuple):
    """What an entry says about its payload; with TIMED in its flags, lookups judge it by `until_ms`."""

    flags: int
    fingerprint: bytes
    basis: bytes
    stamp: bytes
    until_ms: int
    load_ms: int

    @property
    def codec(self) -> int:
        """Return the codec's mark, such as MSGPACK."""
        return self.flags & _CODEC_MASK

    def pack(self) -> bytes:
        """Return the header as it stands before the payload."""
        load_ms = min(self.load_ms, _LONGEST_LOAD_MS)
        return _LAYOUT.pack(self.flags, self.fingerprint, self.basis, self.stamp, self.until_ms, load_ms)


def make_stamp() -> bytes:
    """Return a new stamp, which no other process makes too (a forked one has the same random numbers)."""
    return os.urandom(STAMP_BYTES)


def read_header(raw: bytes) -> Header | None:
    """Return the header, or None when these bytes are no entry (another program's, or a later layout)."""
    if len(raw) < HEADER_BYTES or raw[0] & _CODEC_MASK not in (MSGPACK, JSON, RAW):
        return None
    return Header(*_LAYOUT.unpack_from(raw))


def split_side(raw: bytes) -> tuple[bytes, bytes]:
    """Take a side entry apart: the stamp of the entry that it was filled beside, and the entry itself."""
    return raw[:STAMP_BYTES], raw[STAMP_BYTES:]
