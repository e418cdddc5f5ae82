"""What the provider's own code refuses, the stand-in refuses too."""

from typing import Any

import pytest
from tests.standin.protocol import UNKNOWN
from tests.standin.rules import findings

DATABASE = {"engine": "postgres", "allocated_storage": 20, "username": "admin", "skip_final_snapshot": True}
CACHE = {"transit_encryption_enabled": True, "automatic_failover_enabled": True, "multi_az_enabled": True}
PEER = {"ip_protocol": "tcp", "from_port": 443, "cidr_ipv4": "10.0.0.0/8"}
SECRET = {"secret_string_wo": "x", "secret_string_wo_version": 1}


@pytest.mark.parametrize(
    ("type_name", "config"),
    [
        ("aws_db_instance", DATABASE),
        ("aws_db_instance", {"replicate_source_db": UNKNOWN, "skip_final_snapshot": True}),
        ("aws_db_instance", DATABASE | {"password_wo": UNKNOWN, "password_wo_version": 1}),
        ("aws_elasticache_replication_group", CACHE | {"auth_token_wo": "a" * 64, "num_cache_clusters": 3}),
        ("aws_elasticache_replication_group", CACHE | {"num_cache_clusters": UNKNOWN, "num_node_groups": UNKNOWN}),
        ("aws_vpc_security_group_ingress_rule", PEER),
        ("aws_vpc_security_group_ingress_rule", PEER | {"prefix_list_id": UNKNOWN}),
        ("aws_secretsmanager_secret_version", SECRET),
        ("aws_unheard_of", {}),
    ],
)
def test_what_is_right_or_not_known_yet_is_not_refused(type_name: str, config: dict[str, Any]) -> None:
    assert list(findings(type_name, config)) == []


@pytest.mark.parametrize(
    ("type_name", "config", "argument"),
    [
        ("aws_db_instance", DATABASE | {"username": None}, "username"),
        ("aws_db_instance", DATABASE | {"skip_final_snapshot": False}, "final_snapshot_identifier"),
        ("aws_db_instance", DATABASE | {"password_wo": "x"}, "password_wo"),
        (
            "aws_db_instance",
            DATABASE | {"password": "x", "manage_master_user_password": True},
            "manage_master_user_password",
        ),
        (
            "aws_db_instance",
            DATABASE | {"replicate_source_db": "main", "manage_master_user_password": True},
            "manage_master_user_password",
        ),
        ("aws_elasticache_replication_group", CACHE | {"auth_token_wo": "has@bad/characters"}, "auth_token_wo"),
        ("aws_elasticache_replication_group", CACHE | {"auth_token": "short"}, "auth_token"),
        ("aws_elasticache_replication_group", {"auth_token_wo": "a" * 64}, "auth_token_wo"),
        ("aws_elasticache_replication_group", {"multi_az_enabled": True}, "multi_az_enabled"),
        ("aws_elasticache_replication_group", CACHE | {"num_cache_clusters": 1}, "num_cache_clusters"),
        (
            "aws_elasticache_replication_group",
            CACHE | {"num_cache_clusters": 2, "num_node_groups": 2},
            "num_cache_clusters",
        ),
        ("aws_vpc_security_group_egress_rule", {"ip_protocol": "tcp"}, "cidr_ipv4"),
        ("aws_vpc_security_group_egress_rule", PEER | {"prefix_list_id": "pl-1"}, "cidr_ipv4"),
        ("aws_vpc_security_group_egress_rule", PEER | {"ip_protocol": "-1"}, "from_port"),
        ("aws_secretsmanager_secret_version", {}, "secret_string"),
        ("aws_secretsmanager_secret_version", {"secret_string_wo": "x"}, "secret_string_wo"),
    ],
)
def test_what_the_provider_refuses_is_refused_at_the_argument(
    type_name: str, config: dict[str, Any], argument: str
) -> None:
    assert argument in [name for name, _ in findings(type_name, config)]
