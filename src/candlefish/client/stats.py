"""What the client counts: plain numbers, read with `db.stats()`, `db.replicas()` and `cache.stats()`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStats:
    """One pool since it was opened; waits are seconds from asking for a connection until having one.

    `waits` counts the acquisitions that could not be served at once (they queued, or had to connect first), `refused`
    those that were sent away because `max_waiting` callers stood in the queue already.
    """

    name: str
    size: int
    in_use: int
    waiting: int
    prepared: bool | None
    acquired: int
    waits: int
    wait_sum_s: float
    wait_max_s: float
    timeouts: int
    connects: int
    connect_errors: int
    refused: int = 0
    statements: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ReplicaStats:
    """One replica as it was last seen: `lag_s` is infinite while nothing is known of it.

    `reads` were served by it, `behind` were sent elsewhere because it had not replayed the caller's own write.
    """

    name: str
    in_rotation: bool
    lag_s: float
    replay_lsn: int
    reads: int
    behind: int
    failures: int


@dataclass(frozen=True, slots=True)
class CacheStats:
    """One cache since it was opened.

    `joined` are the callers that waited for a load which another caller here had begun, `waits` the loads for which
    another process held the lease, `stale` the answers served after their time, `early` the loads begun before it,
    `errors` the calls that Redis did not answer and the application went on without, `refused_fills` the loaded values
    that were not kept because the key had been deleted meanwhile. `bytes_read` and `bytes_written` are of values, as
    they travel; `away_s` is how long the circuit was open. `local_hits` are the lookups that were answered from this
    process's own memory, where `local_entries` take `local_bytes` now.
    """

    hits: int = 0
    misses: int = 0
    loads: int = 0
    load_errors: int = 0
    joined: int = 0
    waits: int = 0
    stale: int = 0
    early: int = 0
    errors: int = 0
    refused_fills: int = 0
    reconnects: int = 0
    circuit_open: bool = False
    away_s: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0
    local_hits: int = 0
    local_entries: int = 0
    local_bytes: int = 0
    local_evictions: int = 0

    @property
    def hit_ratio(self) -> float:
        """Give the share of lookups that were hits, from 0 to 1."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0
