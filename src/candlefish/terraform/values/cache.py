"""What elasticache-redis.tf is given."""

from collections.abc import Iterator

from candlefish.plan.aws.cache import plan_cache
from candlefish.spec.instances import CACHE_CLASSES
from candlefish.spec.model import Spec
from candlefish.terraform.value import Value
from candlefish.terraform.values.pooler import with_reasons


def cache_values(spec: Spec) -> Iterator[Value]:
    """Give the engine, the nodes and the parameter group."""
    group = plan_cache(spec)
    has = CACHE_CLASSES[group.node_type]
    yield Value("cache_engine", group.engine, "declared")
    yield Value("cache_engine_version", group.version, "declared: major and minor, as ElastiCache takes it")
    yield Value("cache_parameter_family", group.family, "of that version")
    yield Value("cache_node_type", group.node_type, f"declared: {has.vcpus} vCPU, {has.memory_gib:g} GiB for data")
    yield Value(
        "cache_shards", group.shards, "declared: cluster mode" if group.sharded else "declared: no cluster mode"
    )
    yield Value("cache_nodes_per_shard", 1 + group.replicas, "declared: one primary, the others are replicas")
    yield Value(
        "cache_parameters",
        with_reasons(group.parameters),
        "what ElastiCache lets be set; maxmemory follows from the node",
    )
    reason = "declared: a snapshot each day is all the persistence there is" if group.snapshot_days else "a cache"
    yield Value("cache_snapshot_days", group.snapshot_days, reason)
