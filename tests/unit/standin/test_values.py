"""What AWS would decide has the shape that AWS gives it."""

import re

import pytest
from tests.standin.protocol import UNKNOWN
from tests.standin.schema_of import Schema
from tests.standin.values import Naming, fill, tags_all

BLOCK: Schema = {
    "attributes": {
        "arn": {"type": "string", "computed": True},
        "password_wo": {"type": "string", "optional": True, "write_only": True},
        "name": {"type": "string", "required": True},
    },
    "block_types": {
        "rule": {
            "nesting_mode": "set",
            "block": {"attributes": {"id": {"type": "string", "computed": True}}},
        }
    },
}


@pytest.mark.parametrize(
    ("type_name", "known", "attribute", "shape"),
    [
        ("aws_vpc", {}, "id", r"vpc-[0-9a-f]{17}"),
        ("aws_kms_key", {}, "arn", r"arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("aws_db_instance", {"identifier": "main"}, "arn", r"arn:aws:rds:us-east-1:\d{12}:db:main"),
        ("aws_db_instance", {"identifier": "main"}, "address", r"main\.\w+\.us-east-1\.rds\.amazonaws\.com"),
        ("aws_lb", {"name": "pool", "load_balancer_type": "network"}, "arn_suffix", r"net/pool/[0-9a-f]{16}"),
        (
            "aws_lb",
            {"name": "web"},
            "arn",
            r"arn:aws:elasticloadbalancing:us-east-1:\d{12}:loadbalancer/app/web/\w{16}",
        ),
        ("aws_sns_topic", {"name": "alerts"}, "id", r"arn:aws:sns:us-east-1:\d{12}:alerts"),
        ("aws_sns_topic", {"name": "alerts", "region": "eu-west-1"}, "arn", r"arn:aws:sns:eu-west-1:\d{12}:alerts"),
        ("aws_s3_bucket", {"bucket_prefix": "logs-"}, "bucket", r"logs-[0-9a-f]{26}"),
        ("aws_s3_bucket", {"bucket_prefix": "logs-"}, "arn", r"arn:aws:s3:::logs-[0-9a-f]{26}"),
        (
            "aws_secretsmanager_secret",
            {"name": "a/b"},
            "id",
            r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:a/b-\w{6}",
        ),
        ("aws_ecs_task_definition", {"family": "pool"}, "arn", r"arn:aws:ecs:us-east-1:\d{12}:task-definition/pool:1"),
        ("aws_caller_identity", {}, "account_id", r"\d{12}"),
    ],
)
def test_a_computed_value_has_the_shape_of_one_of_aws(
    type_name: str, known: dict[str, str], attribute: str, shape: str
) -> None:
    assert re.fullmatch(shape, Naming(type_name, "us-east-1", "seed", dict(known)).leaf(attribute, "string"))


def test_the_same_resource_has_the_same_names_and_another_has_others() -> None:
    first, again, other = (Naming("aws_vpc", "us-east-1", seed, {}).leaf("id", "string") for seed in ("a", "a", "b"))
    assert first == again != other


def test_each_node_of_a_cache_has_a_name() -> None:
    naming = Naming(
        "aws_elasticache_replication_group", "r", "s", {"replication_group_id": "c", "num_cache_clusters": 2}
    )
    assert naming.leaf("member_clusters", ["set", "string"]) == ["c-001", "c-002"]


def test_what_is_computed_is_filled_and_what_is_write_only_is_emptied() -> None:
    value = {"arn": None, "name": "x", "password_wo": "secret", "rule": [{"id": None}, {"id": "mine"}]}
    fill(BLOCK, value, lambda name, _: f"{name}!")
    assert value == {"arn": "arn!", "name": "x", "password_wo": None, "rule": [{"id": "id!"}, {"id": "mine"}]}


def test_only_what_is_unknown_is_filled_when_nothing_else_may_change() -> None:
    value = {"arn": None, "name": UNKNOWN, "password_wo": None, "rule": []}
    fill(BLOCK, value, lambda name, _: f"{name}!", unset=False)
    assert value["arn"] is None
    assert value["name"] == "name!"


def test_own_tags_stand_over_those_of_the_provider() -> None:
    assert tags_all({"tags": {"a": "own"}}, {"a": "default", "b": "default"}) == {"a": "own", "b": "default"}
    assert tags_all({"tags": None}, {"a": "default"}) == {"a": "default"}
