"""What the load runs against: before, after, and everything in between, as plain settings that a worker opens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The ways to the data that a run uses.

    Not pooled: each request connects for itself, to the primary, or to one of `read_urls` where there are any (so both
    should be direct addresses). Pooled: each worker holds at most `pool_size` connections to each URL (PgBouncer's).
    Without `redis_url` and `sentinel_url` there is no cache. `optimised` says what the database itself is.
    """

    name: str
    write_url: str
    read_urls: tuple[str, ...] = ()
    pooled: bool = False
    redis_url: str = ""
    sentinel_url: str = ""
    optimised: bool = False
    pool_size: int = 10
    ttl_s: float = 300.0
    acquire_timeout_s: float = 30.0
    statement_timeout_s: float = 60.0

    @property
    def cached(self) -> bool:
        """Tell whether the target has a cache."""
        return bool(self.redis_url or self.sentinel_url)
