"""What the client counts: plain numbers, read with `db.stats()` and `cache.stats()`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStats:
    """One pool since it was opened; waits are seconds from asking for a connection until having one.

    `waits` counts the acquisitions that could not be served at once (they queued, or had to connect first).
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


@dataclass(frozen=True, slots=True)
class CacheStats:
    """One cache since it was opened; `errors` are calls that Redis did not answer and the application went on without.

    `joined` are the callers that waited for a load that another caller had begun.
    """

    hits: int
    misses: int
    loads: int
    joined: int
    errors: int
    reconnects: int

    @property
    def hit_ratio(self) -> float:
        """Give the share of lookups that were hits, from 0 to 1."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0
