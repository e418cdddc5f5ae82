from typing import Any

from candlefish.terraform.rules import find_unseen
from candlefish.terraform.rules.planned import read_plan

ADDRESS = 'module.tier["eu.west[1]"].aws_db_instance.replica["a"]'

PLAN: dict[str, Any] = {
    "planned_values": {"root_module": {"child_modules": [{"resources": [
        {"address": ADDRESS, "mode": "managed", "type": "aws_db_instance",
         "values": {"identifier": "a", "iops": 3000, "kms_key_id": None}},
        {"address": "module.tier.data.aws_region.x", "mode": "data", "type": "aws_region", "values": {}},
    ]}]}},
    "resource_changes": [{"address": ADDRESS, "change": {"after_unknown": {"kms_key_id": True, "arn": True}}}],
    "configuration": {"root_module": {"module_calls": {"tier": {"module": {"resources": [
        {"address": "aws_db_instance.replica", "expressions": {
            "identifier": {"references": ["each.key"]},
            "kms_key_id": {"references": ["aws_kms_key.main.arn", "aws_kms_key.main"]},
            "password_wo": {"references": ["ephemeral.x"]},
            "username": {"constant_value": None},
        }},
    ]}}}}},
}  # fmt: skip


def test_a_resource_in_a_module_has_its_configuration() -> None:
    (instance,) = read_plan(PLAN).resources
    assert instance.address == ADDRESS
    assert instance.refers_to("kms_key_id") == ("aws_kms_key.main.arn", "aws_kms_key.main")


def test_what_aws_computed_is_not_what_was_given() -> None:
    (instance,) = read_plan(PLAN).resources
    assert instance.values["iops"] == 3000
    assert instance.get("iops") is None
    assert not instance.is_given("iops")
    assert not instance.is_given("arn")


def test_what_is_unknown_is_given_where_it_is_written() -> None:
    (instance,) = read_plan(PLAN).resources
    assert instance.get("identifier") == "a"
    assert instance.is_unknown("kms_key_id")
    assert instance.is_given("kms_key_id")


def test_a_write_only_argument_is_seen_in_the_configuration_alone() -> None:
    (instance,) = read_plan(PLAN).resources
    assert instance.is_written("password_wo")
    assert not instance.is_written("username")
    assert not instance.is_given("password_wo")


def test_what_no_rule_could_look_at_is_said() -> None:
    address = "aws_ecs_task_definition.pgbouncer"
    plan: dict[str, Any] = {
        "planned_values": {"root_module": {"resources": [
            {"address": address, "mode": "managed", "type": "aws_ecs_task_definition", "values": {}}
        ]}},
        "resource_changes": [{"address": address, "change": {"after_unknown": {"container_definitions": True}}}],
        "configuration": {"root_module": {"resources": [
            {"address": address, "expressions": {"container_definitions": {"references": ["var.settings"]}}}
        ]}},
    }  # fmt: skip
    (finding,) = find_unseen(plan)
    assert (finding.subject, finding.severity) == (f"{address}.container_definitions", "info")
