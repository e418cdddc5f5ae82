import pytest

from candlefish.plan.aws.cache import plan_cache
from candlefish.plan.aws.explain import explain_aws
from candlefish.plan.redis import MAXMEMORY_RATIO
from candlefish.spec import Spec
from candlefish.spec.instances import CACHE_CLASSES
from candlefish.spec.model import RedisSpec
from candlefish.spec.model_aws import AwsSpec

FIXED_BY_ELASTICACHE = {
    "save", "appendonly", "appendfsync", "maxmemory", "maxclients", "requirepass", "bind", "port", "dir", "replicaof",
}  # fmt: skip
"""ElastiCache has no such parameter, or one that can't be changed."""


def parameters(spec: Spec) -> dict[str, str]:
    return {setting.name: setting.value for setting in plan_cache(spec).parameters}


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        ("redis", "7.0", "redis7"),
        ("redis", "7.1", "redis7"),
        ("valkey", "7.2", "valkey7"),
        ("valkey", "9.0", "valkey9"),
    ],
)
def test_the_parameter_family_follows_from_engine_and_version(engine: str, version: str, family: str) -> None:
    aws = {"cache_engine": engine} | ({"valkey_version": version} if engine == "valkey" else {})
    redis = {"version": version} if engine == "redis" else {}
    group = plan_cache(Spec.model_validate({"aws": aws, "redis": redis}))
    assert (group.engine, group.version, group.family) == (engine, version, family)


def test_only_what_can_be_set_is_set() -> None:
    for spec in (Spec(), Spec(redis=RedisSpec(persistence=True)), Spec(aws=AwsSpec(cache_shards=3))):
        assert FIXED_BY_ELASTICACHE.isdisjoint(parameters(spec))


def test_shards_are_cluster_mode_and_one_is_not() -> None:
    assert parameters(Spec(aws=AwsSpec(cache_shards=3)))["cluster-enabled"] == "yes"
    assert "cluster-enabled" not in parameters(Spec())
    assert plan_cache(Spec(aws=AwsSpec(cache_shards=3))).nodes == 9


@pytest.mark.parametrize("name", sorted(CACHE_CLASSES))
def test_the_reserve_leaves_data_what_it_has_here_and_on_the_smallest_nodes_less(name: str) -> None:
    kept = int(parameters(Spec(redis=RedisSpec(instance_class=name)))["reserved-memory-percent"])
    usual = round((1 - MAXMEMORY_RATIO) * 100)
    small = {"micro": 50, "small": 30}.get(name.split(".")[-1])
    assert kept == (small or usual)


def test_what_this_machine_gives_redis_says_nothing_about_a_node_on_aws() -> None:
    assert parameters(Spec(redis=RedisSpec.model_validate({"maxmemory": "100MB"}))) == parameters(Spec())


def test_a_cache_keeps_no_snapshot_and_a_persistent_one_does() -> None:
    assert plan_cache(Spec()).snapshot_days == 0
    assert plan_cache(Spec(redis=RedisSpec(persistence=True))).snapshot_days > 0


def test_the_slow_log_counts_in_microseconds() -> None:
    spec = Spec(redis=RedisSpec.model_validate({"slow_log": "10ms"}))
    assert parameters(spec)["slowlog-log-slower-than"] == "10000"


@pytest.mark.parametrize("name", sorted(CACHE_CLASSES))
def test_every_cache_class_can_be_explained(name: str) -> None:
    explained = {setting.name: setting.value for setting in explain_aws(Spec(redis=RedisSpec(instance_class=name)))}
    assert explained["elasticache.node_type"] == name


def test_one_cache_node_has_nobody_to_fail_over_to() -> None:
    explained = {setting.name: setting.value for setting in explain_aws(Spec(light=True))}
    assert explained["elasticache.automatic_failover"] == "no"
