import pytest

from candlefish.plan.redis import plan_redis
from candlefish.spec import Spec
from candlefish.spec.model import RedisSpec

MIB = 1024**2


def settings(redis: RedisSpec | None = None, *, cores: int = 2, share_bytes: int = 800 * MIB) -> dict[str, str]:
    plan = plan_redis(Spec(redis=redis or RedisSpec()), share_bytes, cores)
    return {setting.name: setting.value for setting in plan.settings}


def test_data_takes_three_quarters_of_the_share_as_on_elasticache() -> None:
    assert settings(share_bytes=800 * MIB)["maxmemory"] == str(600 * MIB)


def test_the_slow_log_counts_in_microseconds() -> None:
    assert settings(RedisSpec.model_validate({"slow_log": "10ms"}))["slowlog-log-slower-than"] == "10000"


def test_a_cache_writes_nothing_to_disk() -> None:
    found = settings()
    assert (found["save"], found["appendonly"]) == ('""', "no")
    assert found["rdb-del-sync-files"] == "yes"


def test_persistence_is_an_append_only_file() -> None:
    found = settings(RedisSpec(persistence=True))
    assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")


@pytest.mark.parametrize(("cores", "threads"), [(1, "1"), (2, "1"), (3, "1"), (4, "3"), (64, "8")])
def test_sockets_get_threads_only_where_cores_are_left(cores: int, threads: str) -> None:
    assert settings(cores=cores)["io-threads"] == threads


@pytest.mark.parametrize("nodes", [2, 3, 6])
def test_any_cache_with_a_replica_is_watched_by_three_sentinels(nodes: int) -> None:
    plan = plan_redis(Spec(redis=RedisSpec(nodes=nodes)), 100 * MIB, 2)
    assert (len(plan.sentinels), plan.quorum) == (3, 2)
    sentinel = {setting.name: setting.value for setting in plan.sentinel_settings}
    assert sentinel == {
        "down-after-milliseconds": "1500", "failover-timeout": "5000", "parallel-syncs": str(nodes - 1),
    }  # fmt: skip


def test_each_node_has_a_port_of_its_own() -> None:
    plan = plan_redis(Spec(redis=RedisSpec(nodes=6)), 100 * MIB, 2)
    ports = [node.port for node in plan.nodes] + [sentinel.port for sentinel in plan.sentinels]
    assert len(set(ports)) == 9
