"""Clients whose statistics are given: nothing is opened."""

from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats

POOL = PoolStats(
    name="main", size=7, in_use=3, waiting=2, prepared=True, acquired=100, waits=20, wait_sum_s=1.5, wait_max_s=0.25,
    timeouts=4, connects=9, connect_errors=5, refused=6, statements=300, retries=8,
)  # fmt: skip
REPLICA = ReplicaStats(
    name="read_1", in_rotation=True, lag_s=0.125, replay_lsn=50331648, reads=80, behind=11, failures=2
)
UNSEEN = ReplicaStats(name="read_2", in_rotation=False, lag_s=float("inf"), replay_lsn=0, reads=0, behind=0, failures=1)
CACHE = CacheStats(
    hits=70, misses=30, loads=25, load_errors=1, joined=5, waits=4, stale=3, early=2, errors=6, refused_fills=7,
    reconnects=8, circuit_open=True, away_s=2.5, bytes_read=4096, bytes_written=1024,
    local_hits=60, local_entries=40, local_bytes=2048, local_evictions=9,
)  # fmt: skip


class GivenDatabase(Database):
    """A Database that has counted what it was told."""

    def __init__(self, *pools: PoolStats, replicas: tuple[ReplicaStats, ...] = ()) -> None:
        self._given = (pools, replicas)

    def stats(self) -> tuple[PoolStats, ...]:
        """Give the pools."""
        return self._given[0]

    def replicas(self) -> tuple[ReplicaStats, ...]:
        """Give the replicas."""
        return self._given[1]


class GivenCache(Cache):
    """A Cache that has counted what it was told."""

    def __init__(self, stats: CacheStats) -> None:
        self._given = stats

    def stats(self) -> CacheStats:
        """Give the statistics."""
        return self._given
