from tests.unit.terraform.rules.fragments import GOOD, found, plan

from candlefish.terraform.rules import RULES, check_plan


def test_a_plan_that_is_right_has_no_finding() -> None:
    assert found(plan()) == set()


def test_an_empty_plan_has_no_finding() -> None:
    assert check_plan({}) == ()


def test_each_rule_has_a_name_of_its_own_and_a_source() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source for rule in RULES)


def test_a_finding_names_the_rule_and_its_source() -> None:
    (finding,) = check_plan(plan({"aws_db_instance.main": {"publicly_accessible": True}}))
    (rule,) = (rule for rule in RULES if rule.name == "rds-exposure")
    assert finding.message.startswith("rds-exposure: ")
    assert rule.source in finding.hint
    assert finding.subject == "aws_db_instance.main.publicly_accessible"


def test_the_plan_that_is_right_has_something_for_every_subject() -> None:
    kinds = {address.split(".")[0] for address in GOOD}
    assert {"aws_db_instance", "aws_elasticache_replication_group", "aws_ecs_service", "aws_iam_role"} <= kinds
