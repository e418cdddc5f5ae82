"""Five specs as modules, each through every step: checked against the AWS provider's schema, not deployed."""

import json
import re
from typing import Any

import pytest
from tests.live.terraform.conftest import SPECS, Case
from tests.standin.hcl_check import check
from tests.standin.schema import TypeName
from tests.standin.schema import load as load_schemas
from tests.standin.schema_of import Schema
from tests.standin.terraform import TerraformFailed, Workspace, workspace

from candlefish.terraform.parts import PARTS
from candlefish.terraform.rules import check_plan

pytestmark = pytest.mark.live

Modules = dict[str, dict[str, str]]
UNPROTECTED = "-var=deletion_protection=false"
OUTPUTS = {
    "admin_secret_arn",
    "app_secret_arn",
    "bootstrap_command",
    "client_security_group_id",
    "database",
    "db_instance_address",
    "db_instance_endpoint",
    "db_replica_addresses",
    "monitor_secret_arn",
    "pgbouncer_host",
    "pgbouncer_port",
    "pgbouncer_repository_url",
    "redis_cluster_mode",
    "redis_endpoint",
    "redis_reader_endpoint",
    "redis_secret_arn",
    "region",
}
"""What `candlefish env --from-terraform` and a user read."""

INVENTED = re.compile(r"stand-in-|unnamed-")
"""A value that the stand-in had no form for: whoever reads it would get something of another shape from AWS."""


def is_computed(schema: Schema, name: str) -> bool:
    nested = schema.get("block_types", {}).get(name)
    if nested is not None:
        return any(attribute.get("computed") for attribute in nested["block"]["attributes"].values())
    return bool(schema["attributes"][name].get("computed"))


def test_there_are_five_specs() -> None:
    assert len(SPECS) == 5


def test_a_module_is_formatted_as_terraform_does(space: Workspace) -> None:
    assert space.fmt_check() == ""


def test_a_module_passes_the_pure_check(case: Case) -> None:
    assert [str(finding) for finding in check(case.module)] == []


def test_a_module_is_valid(space: Workspace) -> None:
    assert space.validate() == []


def test_a_plan_breaks_no_rule_that_the_schema_does_not_know(case: Case, plan: dict[str, Any]) -> None:
    found = check_plan(plan)
    assert [finding for finding in found if finding.severity == "critical"] == []
    assert not found or case.name == "minimal"  # a development tier gives up on what the rules warn of


def test_a_plan_warns_of_nothing(space: Workspace, plan: dict[str, Any]) -> None:
    assert plan["complete"]
    assert [text for text in space.said if "Warning:" in text] == []


def test_a_second_plan_changes_nothing(applied: Workspace) -> None:
    assert not applied.plan(out="second.bin"), applied.said[-1]


def test_the_outputs_are_there_and_none_is_a_secret(applied: Workspace) -> None:
    outputs = applied.outputs()
    assert set(outputs) >= OUTPUTS
    assert [name for name, output in outputs.items() if output["sensitive"]] == []
    assert [name for name, output in outputs.items() if INVENTED.search(json.dumps(output["value"]))] == []


def test_no_argument_is_given_a_value_that_the_stand_in_had_no_form_for(applied: Workspace) -> None:
    schemas = load_schemas(TypeName("resource", name) for name, _ in applied.account.resources.values())
    given = {
        f"{type_name}.{name}"
        for type_name, values in applied.account.resources.values()
        for name, value in values.items()
        if INVENTED.search(json.dumps(value)) and not is_computed(schemas[TypeName("resource", type_name)], name)
    }
    assert given == set()


def test_database_and_cache_have_the_passwords_that_their_secrets_have(applied: Workspace) -> None:
    account = applied.account
    secrets = [json.loads(value) for value in account.secrets.values()]
    databases = [one for one in account.of_type("aws_db_instance") if not one["replicate_source_db"]]
    (cache,) = account.of_type("aws_elasticache_replication_group")
    for database in databases:
        password = account.last_given("aws_db_instance", "password_wo", database["identifier"])
        assert password in [secret.get("password") for secret in secrets]
    token = account.last_given("aws_elasticache_replication_group", "auth_token_wo", cache["replication_group_id"])
    assert {"auth_token": token} in secrets


def test_no_two_users_share_a_password(applied: Workspace) -> None:
    secrets = [json.loads(value) for value in applied.account.secrets.values()]
    passwords = [secret.get("password") or secret["auth_token"] for secret in secrets]
    assert len(passwords) == len(set(passwords)) == 4


def test_no_secret_is_in_a_file_a_plan_a_state_a_log_or_a_message(applied: Workspace) -> None:
    applied.plan("-var=secrets_version=2", out="new-secrets.bin")
    secrets, left = applied.account.secret_values(), applied.left_behind()
    assert len(secrets) >= 4
    assert {"terraform.tfstate", "plan.bin", "new-secrets.bin", "log"} <= set(left)
    assert [name for name, text in left.items() for secret in secrets if secret in text] == []


def test_what_somebody_changed_in_the_console_is_seen(applied: Workspace) -> None:
    account = applied.account
    (group,) = account.of_type("aws_elasticache_replication_group")
    before = group["transit_encryption_enabled"]
    group["transit_encryption_enabled"] = False
    try:
        assert applied.plan(out="drift.bin")
        assert "aws_elasticache_replication_group.redis" in applied.said[-1]
    finally:
        group["transit_encryption_enabled"] = before


def test_the_tests_of_the_module_pass(case: Case, space: Workspace) -> None:
    assert any(path.startswith("tests/") for path in case.module)
    space.unlogged().test()


def test_a_protected_tier_is_not_destroyed_and_an_unprotected_one_is(case: Case, applied: Workspace) -> None:
    if "deletion_protection = true" in re.sub(" +", " ", case.module["terraform.tfvars"]):
        with pytest.raises(TerraformFailed, match="can't be deleted"):
            applied.destroy("-target=aws_db_instance.main")
    space = applied.unlogged()
    space.plan(UNPROTECTED)
    space.apply()
    space.destroy(UNPROTECTED)
    assert space.account.resources == {}


def test_after_an_apply_that_failed_half_way_the_next_one_gives_the_database_its_secret(modules: Modules) -> None:
    with workspace(modules["default"]) as space:
        space.init()
        space.plan()
        space.account.refused = {"aws_db_instance"}
        with pytest.raises(TerraformFailed, match="InsufficientDBInstanceCapacity") as failure:
            space.apply()
        assert space.account.secrets
        assert [secret for secret in space.account.secret_values() if secret in str(failure.value)] == []
        space.account.refused = set()
        space.plan()
        space.apply()
        (database,) = (one for one in space.account.of_type("aws_db_instance") if not one["replicate_source_db"])
        password = space.account.last_given("aws_db_instance", "password_wo", database["identifier"])
        assert sum(password in value for value in space.account.secrets.values()) == 1


def test_every_file_of_the_module_is_in_one_of_the_specs(modules: Modules) -> None:
    rendered = {path for module in modules.values() for path in module}
    assert {f"{part.name}.tf" for part in PARTS} <= rendered
