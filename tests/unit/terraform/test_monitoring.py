import re
from collections.abc import Mapping
from importlib.resources import files

import pytest

from candlefish.plan.aws.alarm import NAMESPACES
from candlefish.plan.aws.alarms import make_alarms
from candlefish.spec import Spec
from candlefish.spec.model import PostgresSpec
from candlefish.spec.model_aws import ApplicationSpec, AwsSpec
from candlefish.terraform.value import Reasoned
from candlefish.terraform.values.monitoring import monitoring_values

MODULE = files("candlefish.terraform") / "module"
HCL = MODULE.joinpath("cloudwatch.tf").read_text(encoding="utf-8")
VARIABLES = MODULE.joinpath("cloudwatch.variables.tf").read_text(encoding="utf-8")

WHOLE = Spec(application=ApplicationSpec(enabled=True))
SPECS = [Spec(), WHOLE, Spec(postgres=PostgresSpec(read_replicas=0)), Spec(aws=AwsSpec(alert_email="ops@example.com"))]


def handed(spec: Spec, name: str) -> Mapping[str, Mapping[str, object]]:
    value = next(value.value for value in monitoring_values(spec) if value.name == name)
    assert isinstance(value, Mapping)
    return value  # type: ignore[return-value]  # a map of maps, as the variable's type has it


@pytest.mark.parametrize("spec", SPECS)
def test_every_variable_is_given_with_a_reason_and_nothing_else(spec: Spec) -> None:
    given = list(monitoring_values(spec))
    assert {value.name for value in given} == set(re.findall(r'^variable "(\w+)"', VARIABLES, re.MULTILINE))
    assert all(value.reason for value in given)


@pytest.mark.parametrize("spec", SPECS)
def test_every_alarm_is_handed_on_but_for_those_of_the_application_which_has_its_own_file(spec: Spec) -> None:
    made = {alarm.name: alarm for alarm in make_alarms(spec) if alarm.subject != "application"}
    alarms = handed(spec, "alarms")
    assert set(alarms) == set(made)
    for name, alarm in alarms.items():
        threshold = alarm["threshold"]
        assert (threshold.value if isinstance(threshold, Reasoned) else threshold) == made[name].threshold
        assert alarm["missing"] == made[name].missing
        assert alarm["reason"]


def test_the_module_knows_every_subject_that_an_alarm_or_a_chart_may_have() -> None:
    block = HCL[HCL.index("alarm_subjects = {") : HCL.index("# One alarm for each")]
    known = set(re.findall(r"^    (\w+)\s+= \{", block, re.MULTILINE))
    assert known == set(NAMESPACES) - {"application"}


def test_a_value_of_an_alarm_is_one_that_the_variable_knows() -> None:
    alarm_type = VARIABLES[VARIABLES.index('variable "alarms"') : VARIABLES.index('variable "dashboards"')]
    known = set(re.findall(r"^\s+(\w+)\s+= (?:string|number|optional)", alarm_type, re.MULTILINE))
    used = {key for alarm in handed(WHOLE, "alarms").values() for key in alarm}
    assert used <= known


def test_the_cache_publishes_where_it_can_and_everything_else_where_it_is_encrypted() -> None:
    topics = dict(re.findall(r'resource "aws_sns_topic" "(\w+)" \{(.*?)\n\}', HCL, re.DOTALL))
    assert {name for name, body in topics.items() if "kms_master_key_id" in body} == {"alerts"}
    assert "aws:SourceOwner" in HCL  # ElastiCache publishes with no other condition
    assert "alarm_actions       = [aws_sns_topic.alerts.arn]" in HCL


def test_a_retention_is_one_that_cloudwatch_has() -> None:
    days = next(value.value for value in monitoring_values(Spec()) if value.name == "log_retention_days")
    listed = re.search(r"contains\(\[([\d, ]+)\], var.log_retention_days\)", VARIABLES)
    assert listed is not None
    assert str(days) in listed[1].split(", ")
