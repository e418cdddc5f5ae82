"""ElastiCache: the replication group, and its parameter group."""

from dataclasses import dataclass

from candlefish.plan.model import Setting
from candlefish.plan.redis import FIXED as REDIS_FIXED
from candlefish.plan.redis import MAXMEMORY_RATIO
from candlefish.spec.model import Spec

ON_ELASTICACHE = ("tcp-keepalive", "slowlog-max-len", "lazyfree-lazy-eviction", "lazyfree-lazy-expire")
"""Of our Redis settings, those that a parameter group takes as they are."""


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


def plan_cache(spec: Spec) -> CacheGroup:
    """Return the replication group of a spec."""
    valkey = spec.aws.cache_engine == "valkey"
    version = spec.aws.valkey_version if valkey else "7.1"
    return CacheGroup(
        engine=spec.aws.cache_engine,
        version=version,
        family=f"valkey{version.split('.')[0]}" if valkey else "redis7",
        node_type=spec.redis.instance_class,
        shards=spec.aws.cache_shards,
        replicas=spec.redis.nodes - 1,
        snapshot_days=1 if spec.redis.persistence else 0,
        parameters=(),
    )
