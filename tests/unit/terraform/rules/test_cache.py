import pytest
from tests.unit.terraform.rules.fragments import Values, found, plan

GROUP, PARAMETERS = "aws_elasticache_replication_group.redis", "aws_elasticache_parameter_group.main"
SHARDED = {"num_cache_clusters": None, "num_node_groups": 3, "replicas_per_node_group": 2}
CLUSTER_MODE = {"parameter": [{"name": "cluster-enabled", "value": "yes"}]}


@pytest.mark.parametrize(
    ("changes", "rule", "argument"),
    [
        ({"num_cache_clusters": 1}, "cache-nodes", "automatic_failover_enabled"),
        ({"num_cache_clusters": 7}, "cache-nodes", "num_cache_clusters"),
        ({"automatic_failover_enabled": False}, "cache-nodes", "multi_az_enabled"),
        ({"automatic_failover_enabled": False, "multi_az_enabled": False}, "cache-failover",
         "automatic_failover_enabled"),
        ({"multi_az_enabled": False}, "cache-failover", "multi_az_enabled"),
        ({**SHARDED, "replicas_per_node_group": 6}, "cache-nodes", "replicas_per_node_group"),
        ({**SHARDED, "replicas_per_node_group": 0}, "cache-nodes", "replicas_per_node_group"),
        (SHARDED, "cache-family", "parameter_group_name"),
        ({"transit_encryption_enabled": False}, "cache-encryption", "transit_encryption_enabled"),
        ({"transit_encryption_mode": "preferred"}, "cache-encryption", "transit_encryption_mode"),
        ({"at_rest_encryption_enabled": "false"}, "cache-encryption", "at_rest_encryption_enabled"),
        ({"at_rest_encryption_enabled": None}, "cache-encryption", "at_rest_encryption_enabled"),
        ({"auth_token": "short"}, "cache-token", "auth_token"),
        ({"auth_token": "a-token/with@what-is-refused"}, "cache-token", "auth_token"),
        ({"engine_version": "7.1.0"}, "cache-version", "engine_version"),
        ({"engine_version": "8.0"}, "cache-version", "engine_version"),
        ({"engine": "valkey", "engine_version": "7.1"}, "cache-version", "engine_version"),
        ({"engine": "valkey", "engine_version": "8.2"}, "cache-family", "parameter_group_name"),
        ({"replication_group_id": "Tier"}, "cache-identifier", "replication_group_id"),
        ({"snapshot_window": "06:30-07:30"}, "windows", "snapshot_window"),
        ({"snapshot_window": "02:00-02:30"}, "windows", "snapshot_window"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_replication_group_is_found(changes: Values, rule: str, argument: str) -> None:
    assert (rule, f"{GROUP}.{argument}") in found(plan({GROUP: changes}))


def test_a_group_without_a_token_is_found() -> None:
    assert found(plan(written={})) == {("cache-encryption", f"{GROUP}.auth_token_wo")}


def test_a_token_that_stands_in_the_module_is_found() -> None:
    written = {GROUP: {"auth_token_wo": {"constant_value": "in-plain-sight"}}}
    assert found(plan(written=written)) == {
        ("cache-token", f"{GROUP}.auth_token_wo"), ("secret-argument", f"{GROUP}.auth_token_wo"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"num_cache_clusters": 2},
        {"at_rest_encryption_enabled": "true"},
        {"auth_token_update_strategy": "ROTATE"},
        {"snapshot_window": None},
        {"snapshot_window": "05:00-06:00"},
    ],
)
def test_what_elasticache_takes_is_let_through(changes: Values) -> None:
    assert found(plan({GROUP: changes})) == set()


def test_cluster_mode_is_let_through() -> None:
    assert found(plan({GROUP: SHARDED, PARAMETERS: CLUSTER_MODE})) == set()


def test_valkey_with_its_own_family_is_let_through() -> None:
    valkey = {"engine": "valkey", "engine_version": "8.2"}
    assert found(plan({GROUP: valkey, PARAMETERS: {"family": "valkey8"}})) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("save", "900 1"),
        ("appendonly", "yes"),
        ("maxmemory", "26000000000"),
        ("requirepass", "x"),
        ("maxclients", "100"),
        ("maxmemory-policy", "lru"),
        ("reserved-memory-percent", "0.25 of it"),
        ("slowlog-log-slower-than", "10"),
        ("cluster-enabled", "1"),
    ],
)
def test_a_mistake_in_a_parameter_is_found(name: str, value: str) -> None:
    changed = plan({PARAMETERS: {"parameter": [{"name": name, "value": value}]}})
    assert found(changed) == {("cache-parameter", f'{PARAMETERS}.parameter["{name}"]')}
