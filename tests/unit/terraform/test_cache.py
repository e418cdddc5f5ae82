import re
from importlib.resources import files

import pytest

from candlefish.plan.aws.cache import plan_cache
from candlefish.spec import Spec
from candlefish.spec.model import RedisSpec
from candlefish.spec.model_aws import AwsSpec
from candlefish.terraform.value import Reasoned
from candlefish.terraform.values.cache import cache_values

MODULE = files("candlefish.terraform") / "module"

SPECS = {
    "default": Spec(),
    "one node": Spec(redis=RedisSpec(nodes=1)),
    "valkey, sharded": Spec(aws=AwsSpec(cache_engine="valkey", cache_shards=3)),
    "persistent": Spec(redis=RedisSpec(persistence=True)),
}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_variable_is_given_with_a_reason_and_nothing_else(name: str) -> None:
    text = MODULE.joinpath("elasticache-redis.variables.tf").read_text(encoding="utf-8")
    given = list(cache_values(SPECS[name]))
    assert {value.name for value in given} == set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE))
    assert all(value.reason for value in given)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_the_plan_is_handed_on_as_it_is(name: str) -> None:
    group = plan_cache(SPECS[name])
    handed = {value.name: value.value for value in cache_values(SPECS[name])}
    assert (handed["cache_engine"], handed["cache_engine_version"]) == (group.engine, group.version)
    assert handed["cache_parameter_family"] == group.family
    assert handed["cache_shards"] == group.shards
    assert handed["cache_nodes_per_shard"] == group.replicas + 1
    assert handed["cache_snapshot_days"] == group.snapshot_days
    parameters = handed["cache_parameters"]
    assert isinstance(parameters, dict)
    assert all(isinstance(said, Reasoned) and said.reason for said in parameters.values())
    assert list(parameters) == [setting.name for setting in group.parameters]


def test_the_token_is_never_an_argument_that_the_state_keeps() -> None:
    text = MODULE.joinpath("elasticache-redis.tf").read_text(encoding="utf-8")
    assert re.search(r"^\s+auth_token_wo\s+=", text, re.MULTILINE)
    assert not re.search(r"^\s+auth_token\s+=", text, re.MULTILINE)
