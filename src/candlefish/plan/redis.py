"""Every Redis and Sentinel setting, with its reason."""

from collections.abc import Iterator

from candlefish.plan.memory import MIB
from candlefish.plan.model import RedisNode, RedisPlan, Sentinel, Setting
from candlefish.plan.ports import LOOPBACK, SENTINELS, port
from candlefish.spec.model import Spec
from candlefish.units import render_bytes, render_ratio

SERVICE = "candlefish"

QUORUM = 2
"""Sentinels, of three, that must miss the primary: the majority, so that no minority promotes a second one."""

MAXMEMORY_RATIO = 0.75
"""Of a node's share; the rest is for replication buffers, fragmentation and the fork of a full copy.
ElastiCache keeps the same quarter (its parameter reserved-memory-percent)."""

DOWN_AFTER_MS = 1500
"""Silence before a primary is suspected: promoted after 2.7 s. A Sentinel opens its link to a new primary up to 1.1 s
after the promotion (it tries each node once in SENTINEL_PING_PERIOD, 1 s); with 1,000 ms here a second failover
followed 1 of 20 first ones, two Sentinels named different primaries, and what was cached could be lost."""

FAILOVER_TIMEOUT_MS = 5000
"""A failover that has not ended is tried by another Sentinel; a good one takes 1.2 s, measured."""

IO_THREADS_FROM_CORES, MAX_IO_THREADS = 4, 8
"""redis.conf: I/O threads help from four cores on, one core stays free, more than eight bring nothing."""

BACKLOG_PART = 1 / 16
MIN_BACKLOG, MAX_BACKLOG = MIB, 64 * MIB
"""Redis's default; and half a minute of 50,000 small writes a second."""

FIXED = (
    Setting("slowlog-max-len", "1024", "slow commands kept; the default of 128 forgets within one incident"),
    Setting("tcp-keepalive", "60", "until a silent client is asked whether it lives", "s"),
    Setting("lazyfree-lazy-eviction", "yes", "evicted values are freed beside the commands, not between them"),
    Setting("lazyfree-lazy-expire", "yes", "the same for expired ones"),
    Setting("lazyfree-lazy-server-del", "yes", "the same for overwritten ones"),
    Setting("lazyfree-lazy-user-del", "yes", "the same for deleted ones"),
    Setting("replica-lazy-flush", "yes", "a replica empties itself beside the commands"),
    Setting("repl-diskless-sync", "yes", "a full copy goes over the socket, not over the disk"),
    Setting("repl-diskless-sync-delay", "0", "a returning replica waits for no others; the default waits 5 s", "s"),
    Setting("repl-ping-replica-period", "1", "between two pings: a lost link is seen soon; the default is 10 s", "s"),
    Setting("repl-timeout", "10", "of silence end a replication link; the default is 60 s", "s"),
    Setting("min-replicas-to-write", "0", "a cache that refuses writes costs more than one that loses some"),
)
"""Settings that hold for every size of node."""


def plan_redis(spec: Spec, share_bytes: int, cores: int) -> RedisPlan:
    """Return the cache's nodes, Sentinels and settings."""
    sentinels = range(sentinel_count(spec))
    maxmemory = spec.redis.maxmemory or int(share_bytes * MAXMEMORY_RATIO)
    return RedisPlan(
        nodes=tuple(RedisNode(f"redis{i + 1}", LOOPBACK, port(spec, "redis", i)) for i in range(spec.redis.nodes)),
        sentinels=tuple(Sentinel(f"sentinel{i + 1}", LOOPBACK, port(spec, "sentinel", i)) for i in sentinels),
        service=SERVICE,
        maxmemory_bytes=maxmemory,
        settings=(*_node(spec, share_bytes, maxmemory, cores), *_persistence(spec), *_buffers(maxmemory), *FIXED),
        quorum=QUORUM,
        sentinel_settings=tuple(_sentinel(spec.redis.nodes)) if sentinels else (),
    )


def sentinel_count(spec: Spec) -> int:
    """Return how many Sentinels watch the cache: none where there is nothing to fail over to."""
    return SENTINELS if spec.redis.nodes > 1 else 0


def _node(spec: Spec, share_bytes: int, maxmemory: int, cores: int) -> Iterator[Setting]:
    part = f"{render_ratio(MAXMEMORY_RATIO)} of the node's {render_bytes(share_bytes)}"
    why = "declared" if spec.redis.maxmemory else f"{part}: the rest is for replication, fragmentation and fork"
    yield Setting("maxmemory", str(maxmemory), why, "bytes")
    yield Setting("maxmemory-policy", spec.redis.maxmemory_policy, "declared: what a full cache forgets")
    yield Setting("maxclients", str(spec.pgbouncer.max_client_connections), "as many clients as the pooler takes")
    threads = min(MAX_IO_THREADS, cores - 1) if cores >= IO_THREADS_FROM_CORES else 1
    yield Setting("io-threads", str(threads), f"{cores} cores; more than one from {IO_THREADS_FROM_CORES} cores on")
    slow_log = spec.redis.slow_log
    yield Setting("slowlog-log-slower-than", str(round(slow_log * 1e6)), "declared: slower commands are kept", "µs")
    stall = str(max(1, round(slow_log * 1000)))
    yield Setting("latency-monitor-threshold", stall, "stalls by forks and expiry, kept like slow commands", "ms")


def _persistence(spec: Spec) -> Iterator[Setting]:
    if spec.redis.persistence:
        yield Setting("save", '""', "the append-only file holds everything")
        yield Setting("appendonly", "yes", "declared: what is cached outlives a restart")
        yield Setting("appendfsync", "everysec", "at most one second of writes is lost with the machine")
    else:
        yield Setting("save", '""', "declared: a cache, what is lost is loaded again")
        yield Setting("appendonly", "no", "the same")
        yield Setting("rdb-del-sync-files", "yes", "no later start loads an old copy from its disk")


def _buffers(maxmemory: int) -> Iterator[Setting]:
    backlog = int(min(MAX_BACKLOG, max(MIN_BACKLOG, maxmemory * BACKLOG_PART)))
    yield Setting("repl-backlog-size", str(backlog), "a short absence costs no full copy: maxmemory / 16", "bytes")
    yield Setting(
        "client-output-buffer-limit", f"normal 0 0 0 replica {4 * backlog} {backlog} 60 pubsub 32mb 8mb 60",
        "a replica that can't keep up is cut off before it takes the memory of the data",
    )  # fmt: skip


def _sentinel(nodes: int) -> Iterator[Setting]:
    yield Setting(
        "down-after-milliseconds", str(DOWN_AFTER_MS), "then a vote; 1,000 would suspect a new primary too early", "ms"
    )
    yield Setting("failover-timeout", str(FAILOVER_TIMEOUT_MS), "then another Sentinel tries", "ms")
    yield Setting("parallel-syncs", str(nodes - 1), "all replicas follow the new primary at once")
