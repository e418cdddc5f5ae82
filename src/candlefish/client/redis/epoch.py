"""The epoch of a Redis server: another one after each promotion and each start.

A failover loses the last writes, so what the new primary has may lack deletes. What was kept under an earlier epoch is
therefore not served: `master_replid` changes when a replica becomes the primary, `run_id` when a server starts.
"""

from hashlib import sha1
from typing import Final

from candlefish.client.redis.connection import RedisConnection, RedisRefused

EPOCH_BYTES: Final = 8
"""So that no two epochs are ever the same."""

NO_EPOCH: Final = bytes(EPOCH_BYTES)
"""Of a server that does not say (the user may not run INFO): nothing is known of its promotions."""

_FIELDS: Final = (b"run_id:", b"master_replid:")


async def fetch_epoch(connection: RedisConnection) -> bytes:
    """Return the epoch of the server; raise CacheUnavailable."""
    try:
        lines = [
            line
            for section in ("server", "replication")
            for line in (await connection.call("INFO", section)).splitlines()
            if line.startswith(_FIELDS)
        ]
    except RedisRefused as error:
        if error.code != "NOPERM":
            raise
        return NO_EPOCH
    return sha1(b"".join(lines), usedforsecurity=False).digest()[:EPOCH_BYTES]
