"""The one table of what is exported: each statistic of the client, what it is called elsewhere, and how it is read.

Names of OpenTelemetry are those of its semantic conventions for connection pools (`db.client.connection.*`, 1.44.0)
where one fits, else stand under `candlefish.`; units are UCUM. Names of Prometheus have base units and, for counters,
`_total`. Rows of one name stand together and differ in `labels`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Generic, Literal, TypeVar

from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats

S = TypeVar("S", PoolStats, ReplicaStats, CacheStats)

COUNTER: Literal["counter"] = "counter"
"""Only grows."""
LEVEL: Literal["up_down_counter"] = "up_down_counter"
"""Rises and falls, and the levels of several processes may be added up."""
GAUGE: Literal["gauge"] = "gauge"
"""Rises and falls, and a sum of several would say nothing."""


@dataclass(frozen=True, slots=True)
class Metric(Generic[S]):
    """One row: whose statistic it is, its two names, its kind and unit; `read` gives None for what is not known."""

    of: type[S]
    prometheus: str
    opentelemetry: str
    kind: Literal["counter", "up_down_counter", "gauge"]
    unit: str
    help: str
    read: Callable[[S], float | None]
    labels: Mapping[str, str] = field(default_factory=dict)


ATTRIBUTES = {
    "client": "candlefish.client",
    "pool": "db.client.connection.pool.name",
    "state": "db.client.connection.state",
    "replica": "candlefish.db.replica.name",
    "result": "candlefish.cache.lookup.result",
}
"""What OpenTelemetry calls the labels of Prometheus."""


def _idle(pool: PoolStats) -> float:
    return max(pool.size - pool.in_use, 0)  # a scrape from another thread can meet the two at different moments


_CONNECTIONS = ("candlefish_db_connections", "db.client.connection.count", LEVEL, "{connection}", "Open connections.")
_LOOKUPS = ("candlefish_cache_lookups_total", "candlefish.cache.lookups", COUNTER, "{lookup}", "Keys looked up.")

_POOL: tuple[Metric[PoolStats], ...] = (
    Metric(PoolStats, *_CONNECTIONS, lambda pool: pool.in_use, {"state": "used"}),
    Metric(PoolStats, *_CONNECTIONS, _idle, {"state": "idle"}),
    Metric(PoolStats, "candlefish_db_pending_requests", "db.client.connection.pending_requests", LEVEL, "{request}",
           "Callers that wait for a connection.", lambda pool: pool.waiting),
    Metric(PoolStats, "candlefish_db_acquire_timeouts_total", "db.client.connection.timeouts", COUNTER, "{timeout}",
           "Callers that found no free connection in time.", lambda pool: pool.timeouts),
    Metric(PoolStats, "candlefish_db_refused_total", "candlefish.db.connection.refused", COUNTER, "{request}",
           "Callers sent away at once because too many waited.", lambda pool: pool.refused),
    Metric(PoolStats, "candlefish_db_acquired_total", "candlefish.db.connection.acquired", COUNTER, "{request}",
           "Connections lent out.", lambda pool: pool.acquired),
    Metric(PoolStats, "candlefish_db_waits_total", "candlefish.db.connection.waits", COUNTER, "{request}",
           "Connections lent out after a wait.", lambda pool: pool.waits),
    Metric(PoolStats, "candlefish_db_wait_seconds_total", "candlefish.db.connection.wait_time", COUNTER, "s",
           "Time that callers waited for a connection.", lambda pool: pool.wait_sum_s),
    Metric(PoolStats, "candlefish_db_longest_wait_seconds", "candlefish.db.connection.longest_wait", GAUGE, "s",
           "Longest wait for a connection so far.", lambda pool: pool.wait_max_s),
    Metric(PoolStats, "candlefish_db_connects_total", "candlefish.db.connection.connects", COUNTER, "{connection}",
           "Connections made.", lambda pool: pool.connects),
    Metric(PoolStats, "candlefish_db_connect_errors_total", "candlefish.db.connection.connect_errors", COUNTER,
           "{error}", "Attempts to connect that failed.", lambda pool: pool.connect_errors),
    Metric(PoolStats, "candlefish_db_statements_total", "candlefish.db.statements", COUNTER, "{statement}",
           "Statements sent.", lambda pool: pool.statements),
    Metric(PoolStats, "candlefish_db_retries_total", "candlefish.db.retries", COUNTER, "{retry}",
           "Statements and transactions begun anew.", lambda pool: pool.retries),
    Metric(PoolStats, "candlefish_db_prepared", "candlefish.db.prepared", GAUGE, "1",
           "1 where prepared statements survive, 0 where not.",
           lambda pool: None if pool.prepared is None else int(pool.prepared)),
)  # fmt: skip

_REPLICA: tuple[Metric[ReplicaStats], ...] = (
    Metric(ReplicaStats, "candlefish_db_replica_in_rotation", "candlefish.db.replica.in_rotation", GAUGE, "1",
           "1 while reads go there, else 0.", lambda replica: int(replica.in_rotation)),
    Metric(ReplicaStats, "candlefish_db_replica_lag_seconds", "candlefish.db.replica.lag", GAUGE, "s",
           "How far it is behind the primary.", lambda replica: replica.lag_s if isfinite(replica.lag_s) else None),
    Metric(ReplicaStats, "candlefish_db_replica_replayed_bytes", "candlefish.db.replica.replayed", GAUGE, "By",
           "LSN up to which it has replayed.", lambda replica: replica.replay_lsn or None),
    Metric(ReplicaStats, "candlefish_db_replica_reads_total", "candlefish.db.replica.reads", COUNTER, "{read}",
           "Reads that it served.", lambda replica: replica.reads),
    Metric(ReplicaStats, "candlefish_db_replica_behind_total", "candlefish.db.replica.behind", COUNTER, "{read}",
           "Reads sent elsewhere: it lacked the caller's own write.", lambda replica: replica.behind),
    Metric(ReplicaStats, "candlefish_db_replica_failures_total", "candlefish.db.replica.failures", COUNTER,
           "{failure}", "Times that it was left out after a failure.", lambda replica: replica.failures),
)  # fmt: skip

_CACHE: tuple[Metric[CacheStats], ...] = (
    Metric(CacheStats, *_LOOKUPS, lambda cache: cache.hits, {"result": "hit"}),
    Metric(CacheStats, *_LOOKUPS, lambda cache: cache.misses, {"result": "miss"}),
    Metric(CacheStats, "candlefish_cache_loads_total", "candlefish.cache.loads", COUNTER, "{load}",
           "Loaders run.", lambda cache: cache.loads),
    Metric(CacheStats, "candlefish_cache_load_errors_total", "candlefish.cache.load_errors", COUNTER, "{error}",
           "Loaders that raised.", lambda cache: cache.load_errors),
    Metric(CacheStats, "candlefish_cache_joined_total", "candlefish.cache.joined", COUNTER, "{call}",
           "Callers that waited for a load of this process.", lambda cache: cache.joined),
    Metric(CacheStats, "candlefish_cache_waits_total", "candlefish.cache.waits", COUNTER, "{load}",
           "Loads left to another process that held the lease.", lambda cache: cache.waits),
    Metric(CacheStats, "candlefish_cache_stale_total", "candlefish.cache.stale", COUNTER, "{answer}",
           "Answers served after their time.", lambda cache: cache.stale),
    Metric(CacheStats, "candlefish_cache_early_total", "candlefish.cache.early", COUNTER, "{load}",
           "Loads begun before the value's end.", lambda cache: cache.early),
    Metric(CacheStats, "candlefish_cache_errors_total", "candlefish.cache.errors", COUNTER, "{error}",
           "Calls that Redis did not answer.", lambda cache: cache.errors),
    Metric(CacheStats, "candlefish_cache_refused_fills_total", "candlefish.cache.refused_fills", COUNTER, "{fill}",
           "Loaded values not kept: the key was deleted meanwhile.", lambda cache: cache.refused_fills),
    Metric(CacheStats, "candlefish_cache_reconnects_total", "candlefish.cache.reconnects", COUNTER, "{connection}",
           "Connections to Redis made anew.", lambda cache: cache.reconnects),
    Metric(CacheStats, "candlefish_cache_circuit_open", "candlefish.cache.circuit_open", GAUGE, "1",
           "1 while Redis is away and not asked, else 0.", lambda cache: int(cache.circuit_open)),
    Metric(CacheStats, "candlefish_cache_away_seconds_total", "candlefish.cache.away_time", COUNTER, "s",
           "Time without Redis.", lambda cache: cache.away_s),
    Metric(CacheStats, "candlefish_cache_read_bytes_total", "candlefish.cache.read", COUNTER, "By",
           "Size of the values that came, as they travel.", lambda cache: cache.bytes_read),
    Metric(CacheStats, "candlefish_cache_written_bytes_total", "candlefish.cache.written", COUNTER, "By",
           "Size of the values that went, as they travel.", lambda cache: cache.bytes_written),
    Metric(CacheStats, "candlefish_cache_local_hits_total", "candlefish.cache.local.hits", COUNTER, "{lookup}",
           "Lookups answered from this process's own memory.", lambda cache: cache.local_hits),
    Metric(CacheStats, "candlefish_cache_local_evictions_total", "candlefish.cache.local.evictions", COUNTER, "{entry}",
           "Entries that left this process's memory for want of room.", lambda cache: cache.local_evictions),
    Metric(CacheStats, "candlefish_cache_local_entries", "candlefish.cache.local.entries", GAUGE, "{entry}",
           "Entries in this process's memory.", lambda cache: cache.local_entries),
    Metric(CacheStats, "candlefish_cache_local_bytes", "candlefish.cache.local.size", GAUGE, "By",
           "Memory that they take here.", lambda cache: cache.local_bytes),
)  # fmt: skip

METRICS: tuple[Metric[Any], ...] = (*_POOL, *_REPLICA, *_CACHE)
