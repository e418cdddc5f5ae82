"""Which of a cluster's 16,384 slots a key belongs to."""

from binascii import crc_hqx
from functools import lru_cache
from typing import Final

SLOTS: Final = 16384

KNOWN_KEYS: Final = 16384
"""Keys whose slots are kept at hand, some 2 MB of them: a get asks twice for the slot of its key."""


@lru_cache(maxsize=KNOWN_KEYS)
def slot_of(key: str) -> int:
    """Return the slot of a key: the CRC16 of its {tag}, or of all of it when it has none.

    Source: the Redis cluster specification, "Hash tags". CRC16 is the XMODEM one, which Python calls `crc_hqx`.
    """
    opened = key.find("{")
    closed = key.find("}", opened + 1) if opened >= 0 else -1
    hashed = key[opened + 1 : closed] if closed > opened + 1 else key
    return crc_hqx(hashed.encode(), 0) % SLOTS
