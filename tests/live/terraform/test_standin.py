"""The stand-in is worth being proved against: what it serves is the schema, what it keeps is what was applied."""

import json
import re

import pytest
from tests.standin import NAME, wheel
from tests.standin.hcl_check import check
from tests.standin.schema import TypeName, load
from tests.standin.terraform import TerraformFailed, Workspace, workspace

pytestmark = pytest.mark.live

UNPROTECTED = "-var=deletion_protection=false"

LEAKING = """
provider "aws" {
  region = "eu-central-1"
}

resource "aws_secretsmanager_secret_version" "plain" {
  secret_id     = "sample"
  secret_string = "leaked-0123456789"
}
"""


def applied(space: Workspace) -> Workspace:
    assert space.plan()
    space.apply()
    return space


def test_the_wheel_holds_the_schema_of_the_provider_that_is_named_everywhere() -> None:
    assert wheel.provider_version() == "6.69.1"


def test_a_module_that_is_right_passes_every_step(sample: dict[str, str], sample_space: Workspace) -> None:
    assert sample_space.fmt_check() == ""
    assert check(sample) == []
    assert sample_space.validate() == []
    applied(sample_space)
    assert not sample_space.plan(), sample_space.said[-1]
    sample_space.test()


def test_nothing_is_installed_and_no_lock_file_is_written(sample_space: Workspace) -> None:
    applied(sample_space)
    assert not list(sample_space.folder.rglob(".terraform*"))


def test_what_somebody_changed_in_the_console_is_seen(sample_space: Workspace) -> None:
    applied(sample_space).account.change("aws_db_instance", multi_az=False)
    assert sample_space.plan()
    assert re.search(r"multi_az\s+= false -> true", sample_space.said[-1])


def test_what_somebody_deleted_is_made_again(sample_space: Workspace) -> None:
    account = applied(sample_space).account
    (key,) = (key for key, (type_name, _) in account.resources.items() if type_name == "aws_iam_policy")
    del account.resources[key]
    assert sample_space.plan()
    assert "aws_iam_policy.read will be created" in sample_space.said[-1]


def test_a_protected_database_is_not_destroyed(sample_space: Workspace) -> None:
    with pytest.raises(TerraformFailed, match=r"(?s)can't be deleted.*deletion_protection is\s+true"):
        applied(sample_space).destroy()
    assert sample_space.plan(UNPROTECTED)
    sample_space.apply()
    sample_space.destroy(UNPROTECTED)
    assert sample_space.account.resources == {}


def test_the_database_has_the_password_that_its_secret_has(sample_space: Workspace) -> None:
    account = applied(sample_space).account
    (database,) = account.of_type("aws_db_instance")
    password = account.last_given("aws_db_instance", "password_wo", database["identifier"])
    secrets = [json.loads(value) for value in account.secrets.values()]
    assert {"username": "candlefish", "password": password} in secrets
    assert re.fullmatch(r"[A-Za-z0-9]{32}", password)


def test_a_new_version_of_the_secrets_changes_secret_and_database_together(sample_space: Workspace) -> None:
    account = applied(sample_space).account
    first = account.last_given("aws_db_instance", "password_wo", "sample")
    assert sample_space.plan("-var=secrets_version=2")
    sample_space.apply()
    second = account.last_given("aws_db_instance", "password_wo", "sample")
    assert first != second
    assert any(second in value for value in account.secrets.values())
    assert not any(first in value for value in account.secrets.values())


def test_no_secret_is_left_anywhere(sample: dict[str, str]) -> None:
    with workspace(sample, log="TRACE") as space:
        space.init()
        applied(space)
        space.plan()
        secrets, left = space.account.secret_values(), space.left_behind()
    assert len(secrets) >= 4
    assert {"terraform.tfstate", "plan.bin", "log"} <= set(left)
    assert [(name, secret) for name, text in left.items() for secret in secrets if secret in text] == []


def test_a_secret_that_is_not_write_only_is_found() -> None:
    with workspace({"main.tf": LEAKING}) as space:
        space.init()
        applied(space)
        found = {name for name, text in space.left_behind().items() if "leaked-0123456789" in text}
    assert {"terraform.tfstate", "plan.bin"} <= found


def test_a_policy_document_is_rendered_as_the_provider_renders_it(sample_space: Workspace) -> None:
    policy = json.loads(applied(sample_space).outputs()["policy"]["value"])
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    assert all(re.fullmatch(r"arn:aws:secretsmanager:eu-central-1:\d{12}:secret:sample/\w+-\w{6}", arn)
               for arn in statement["Resource"])  # fmt: skip


def test_computed_values_have_the_shape_of_those_of_aws(sample_space: Workspace) -> None:
    outputs = applied(sample_space).outputs()
    database = r"sample\.\w+\.eu-central-1\.rds\.amazonaws\.com:5432"
    assert re.fullmatch(database, outputs["db_instance_endpoint"]["value"])
    assert re.fullmatch(r"master\.sample\.\w+\.use1\.cache\.amazonaws\.com:6379", outputs["redis_endpoint"]["value"])
    subnets = sample_space.account.of_type("aws_subnet")
    assert all(re.fullmatch(r"subnet-[0-9a-f]{17}", subnet["id"]) for subnet in subnets)
    assert {subnet["availability_zone"] for subnet in subnets} == {"eu-central-1a", "eu-central-1b"}


def test_tags_of_the_provider_are_on_everything(sample_space: Workspace) -> None:
    applied(sample_space)
    assert all(group["tags_all"] == {"Tier": "sample"} for group in sample_space.account.of_type("aws_security_group"))


def test_everything_that_is_refused_names_the_stand_in(sample: dict[str, str]) -> None:
    broken = sample["main.tf"].replace('final_snapshot_identifier = "${var.name}-final"', "")
    with workspace({**sample, "main.tf": broken}) as space:
        space.init()
        (refusal,) = space.validate()
    assert NAME in refusal["summary"]
    assert "final_snapshot_identifier" in refusal["detail"]


def test_write_only_arguments_are_known_as_such() -> None:
    types = (("aws_db_instance", "password_wo"), ("aws_elasticache_replication_group", "auth_token_wo"))
    schemas = load(TypeName("resource", name) for name, _ in types)
    for name, argument in types:
        assert schemas[TypeName("resource", name)]["attributes"][argument]["write_only"]
