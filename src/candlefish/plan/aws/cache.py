"""ElastiCache: the replication group, and its parameter group."""

from collections.abc import Iterator
from dataclasses import dataclass

from candlefish.plan.model import Setting
from candlefish.plan.redis import FIXED, MAXMEMORY_RATIO
from candlefish.spec.model import Spec

ON_ELASTICACHE = ("tcp-keepalive", "slowlog-max-len", "lazyfree-lazy-eviction", "lazyfree-lazy-expire")
"""Of our Redis settings, those that a parameter group takes as they are."""

SMALL_RESERVES = {"micro": 50, "small": 30}
"""Percent of the smallest nodes' memory that AWS advises to keep ("Managing reserved memory")."""

SNAPSHOT_DAYS = 1
"""A snapshot is for a cache that was lost as a whole; an older one would only warm it with older values."""


@dataclass(frozen=True, slots=True)
class CacheGroup:
    """The replication group: engine, version, parameter family, shards and the replicas of each shard."""

    engine: str
    version: str
    family: str
    node_type: str
    shards: int
    replicas: int
    snapshot_days: int
    parameters: tuple[Setting, ...]

    @property
    def nodes(self) -> int:
        """All nodes of all shards."""
        return self.shards * (1 + self.replicas)

    @property
    def sharded(self) -> bool:
        """Whether it is in cluster mode."""
        return self.shards > 1


def plan_cache(spec: Spec) -> CacheGroup:
    """Return the replication group of a spec."""
    valkey = spec.aws.cache_engine == "valkey"
    version = spec.aws.valkey_version if valkey else spec.redis.version
    return CacheGroup(
        engine=spec.aws.cache_engine,
        version=version,
        family=f"{spec.aws.cache_engine}{version.split('.')[0]}",
        node_type=spec.redis.instance_class,
        shards=spec.aws.cache_shards,
        replicas=spec.redis.nodes - 1,
        snapshot_days=SNAPSHOT_DAYS if spec.redis.persistence else 0,
        parameters=tuple(_parameters(spec)),
    )


def _parameters(spec: Spec) -> Iterator[Setting]:
    redis = spec.redis
    yield Setting("maxmemory-policy", redis.maxmemory_policy, "declared: what a full cache forgets")
    kept = SMALL_RESERVES.get(redis.instance_class.split(".")[-1], round((1 - MAXMEMORY_RATIO) * 100))
    yield Setting("reserved-memory-percent", str(kept), "for replication and fork, as here; small nodes need more", "%")
    slow_us = str(round(redis.slow_log * 1e6))
    yield Setting("slowlog-log-slower-than", slow_us, "declared: slower commands are kept", "µs")
    yield from (setting for setting in FIXED if setting.name in ON_ELASTICACHE)
    if spec.aws.cache_shards > 1:
        yield Setting("cluster-enabled", "yes", f"declared: {spec.aws.cache_shards} shards")
