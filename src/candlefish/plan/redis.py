"""Every Redis and Sentinel setting, with its reason."""

from collections.abc import Iterator

from candlefish.plan.memory import MIB
from candlefish.plan.model import RedisNode, RedisPlan, Sentinel, Setting
from candlefish.plan.ports import LOOPBACK, SENTINELS, port
from candlefish.spec.model import Spec
from candlefish.units import render_bytes

SERVICE = "candlefish"
QUORUM = 2

MAXMEMORY_RATIO = 0.75
"""Of a node's share; the rest is for replication buffers, fragmentation and the fork of a resynchronisation.
ElastiCache reserves the same 25 % (its parameter reserved-memory-percent)."""

DOWN_AFTER_MS = 1000
"""Silence before a primary is suspected: promotion after 2.2 s, measured; below 500 ms a fork looks like a death."""

FAILOVER_TIMEOUT_MS = 5000
"""A failover that did not end in this time is tried by another Sentinel; a good one takes 1.2 s."""

IO_THREADS_FROM_CORES = 4
"""redis.conf advises I/O threads from four cores on, leaving at least one spare."""


def plan_redis(spec: Spec, share_bytes: int, cores: int) -> RedisPlan:
    """Return the cache's nodes, Sentinels and settings."""
    nodes = tuple(RedisNode(f"redis{i + 1}", LOOPBACK, port(spec, "redis", i)) for i in range(spec.redis.nodes))
    sentinels = tuple(
        Sentinel(f"sentinel{i + 1}", LOOPBACK, port(spec, "sentinel", i))
        for i in range(sentinel_count(spec))
    )
    maxmemory = spec.redis.maxmemory or int(share_bytes * MAXMEMORY_RATIO)
    return RedisPlan(
        nodes=nodes,
        sentinels=sentinels,
        service=SERVICE,
        maxmemory_bytes=maxmemory,
        settings=tuple(_node(spec, share_bytes, maxmemory, cores)),
        quorum=QUORUM,
        sentinel_settings=tuple(_sentinel(len(nodes))) if sentinels else (),
    )


def sentinel_count(spec: Spec) -> int:
    """Return how many Sentinels watch the cache: none when there is nothing to fail over to."""
    return SENTINELS if spec.redis.nodes > 1 else 0


def _node(spec: Spec, share_bytes: int, maxmemory: int, cores: int) -> Iterator[Setting]:
    yield from _capacity(spec, share_bytes, maxmemory, cores)
    yield from _persistence(spec)
    yield from _replication(maxmemory)
    slow_us = round(spec.redis.slow_log * 1_000_000)
    yield Setting("slowlog-log-slower-than", str(slow_us), "declared: slower commands are kept", "µs")
    yield Setting("slowlog-max-len", "1024", "slow commands kept; the default of 128 forgets within one incident")
    slow_ms = max(1, round(spec.redis.slow_log * 1000))
    yield Setting("latency-monitor-threshold", str(slow_ms), "stalls that are no command's (fork, expiry) are kept too", "ms")


def _capacity(spec: Spec, share_bytes: int, maxmemory: int, cores: int) -> Iterator[Setting]:
    why = "declared" if spec.redis.maxmemory else f"{MAXMEMORY_RATIO:.0%} of the node's {render_bytes(share_bytes)}"
    yield Setting("maxmemory", str(maxmemory), f"{why}: the rest is for replication, fragmentation and fork", "bytes")
    yield Setting("maxmemory-policy", spec.redis.maxmemory_policy, "declared: a full cache forgets what was read longest ago")
    yield Setting("maxclients", str(spec.pgbouncer.max_client_connections), "as many clients as the pooler takes")
    threads = min(8, cores - 1) if cores >= IO_THREADS_FROM_CORES else 1
    yield Setting("io-threads", str(threads), f"{cores} cores: threads for sockets from {IO_THREADS_FROM_CORES} cores on")
    for kind in ("eviction", "expire", "server-del", "user-del"):
        yield Setting(f"lazyfree-lazy-{kind}", "yes", "large values are freed beside the commands, not between them")
    yield Setting("tcp-keepalive", "60", "seconds until a dead client is asked")


def _persistence(spec: Spec) -> Iterator[Setting]:
    if spec.redis.persistence:
        yield Setting("save", '""', "the append-only file holds everything")
        yield Setting("appendonly", "yes", "declared: persistence")
        yield Setting("appendfsync", "everysec", "at most a second of writes is lost with the machine")
    else:
        yield Setting("save", '""', "a cache: what is lost is loaded again")
        yield Setting("appendonly", "no", "a cache: what is lost is loaded again")


def _replication(maxmemory: int) -> Iterator[Setting]:
    backlog = min(64 * MIB, max(MIB, maxmemory // 16))
    yield Setting("repl-backlog-size", str(backlog), "a replica away for seconds catches up without a full copy", "bytes")
    yield Setting("repl-diskless-sync", "yes", "a full copy goes through the socket, not over the disk")
    yield Setting("repl-diskless-sync-delay", "0", "a returning replica doesn't wait for others; the default waits 5 s")
    yield Setting("repl-ping-replica-period", "1", "seconds between two pings: a lost link is seen soon")
    yield Setting("repl-timeout", "10", "seconds of silence that end a link; the default is 60")
    yield Setting("replica-lazy-flush", "yes", "a replica empties itself beside the commands")
    yield Setting("min-replicas-to-write", "0", "a cache takes writes without replicas: refusing them would cost more than a loss")
    hard, soft = max(4 * backlog, 16 * MIB), max(backlog, 8 * MIB)
    yield Setting(
        "client-output-buffer-limit", f"normal 0 0 0 replica {hard} {soft} 60 pubsub 33554432 8388608 60",
        "a replica that can't follow is cut off before it takes the memory of the data",
    )  # fmt: skip


def _sentinel(nodes: int) -> Iterator[Setting]:
    yield Setting("quorum", str(QUORUM), f"of {SENTINELS} Sentinels that must miss the primary")
    yield Setting("down-after-milliseconds", str(DOWN_AFTER_MS), "promotion after 2.2 s, measured; shorter and a fork looks like a death", "ms")
    yield Setting("failover-timeout", str(FAILOVER_TIMEOUT_MS), "then another Sentinel tries", "ms")
    yield Setting("parallel-syncs", str(max(1, nodes - 1)), "all replicas follow the new primary at once")
