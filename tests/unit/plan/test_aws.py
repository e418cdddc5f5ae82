"""The same spec on AWS, as `candlefish plan` explains it."""

from candlefish.plan.aws.explain import explain_aws
from candlefish.spec import Spec
from candlefish.spec.model import PostgresSpec


def explained(spec: Spec | None = None) -> dict[str, str]:
    return {setting.name: setting.value for setting in explain_aws(spec or Spec())}


def test_every_part_is_explained() -> None:
    assert {name.split(".")[0] for name in explained()} >= {"rds", "replica", "elasticache", "ecs", "alarm"}


def test_parameters_of_replicas_are_explained_where_they_differ() -> None:
    found = explained()
    for name in (name for name in found if name.startswith("replica.parameter.")):
        assert found[name] != found[name.replace("replica.", "rds.", 1)]


def test_small_gp3_volumes_tell_the_iops_that_cannot_be_chosen() -> None:
    reasons = {setting.name: setting.reason for setting in explain_aws(Spec())}
    assert reasons["rds.storage"] == "gp3, 3,000 IOPS, 125 MiB/s"


def test_without_read_replicas_none_is_explained() -> None:
    names = explained(Spec(postgres=PostgresSpec(read_replicas=0)))
    assert [name for name in names if name.startswith("replica.")] == ["replica.count"]


def test_every_number_has_a_reason() -> None:
    assert all(setting.reason and setting.value for setting in explain_aws(Spec()))
