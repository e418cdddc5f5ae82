"""What the files before the tier are given, and that those of the module fit together."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any

import pytest

from candlefish.plan.aws.application import plan_application
from candlefish.plan.objectives import find_objective
from candlefish.spec import Spec
from candlefish.terraform.value import Reasoned, Value
from candlefish.terraform.values.application import application_values, balancer_values, scaling_values
from candlefish.terraform.values.buckets import buckets_values
from candlefish.terraform.values.cdn import cdn_values
from candlefish.terraform.values.gateway import gateway_values

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
TABLES: dict[str, Any] = {
    "application": {"enabled": True, "domain": "api.example.com", "certificate_arn": ARN},
    "gateway": {"enabled": True, "jwt_issuer": "https://id.example.com/", "jwt_audience": ["shop"]},
    "cdn": {"enabled": True, "aliases": ["www.example.com"], "certificate_arn": ARN},
}

Values = Callable[[Spec], Iterator[Value]]

GIVEN_TO: dict[str, Values] = {
    "application-ecs": application_values,
    "application-ecs-balancer": balancer_values,
    "application-ecs-scaling": scaling_values,
    "buckets": buckets_values,
    "cloudfront": cdn_values,
    "api-gateway": gateway_values,
}


def road(*names: str, **application: Any) -> Spec:
    tables = {name: TABLES[name] for name in names}
    if "application" in tables:
        tables["application"] = TABLES["application"] | application
    return Spec.model_validate(tables)


EVERYTHING = road(*TABLES)


def given(values: Values, spec: Spec = EVERYTHING) -> dict[str, Any]:
    return {value.name: plain(value.value) for value in values(spec)}


def plain(value: object) -> Any:
    if isinstance(value, Reasoned):
        return plain(value.value)
    return {key: plain(below) for key, below in value.items()} if isinstance(value, Mapping) else value


def module_file(name: str) -> str:
    return (resources.files("candlefish.terraform") / "module" / name).read_text()


@pytest.mark.parametrize("part", GIVEN_TO)
def test_every_variable_that_must_be_set_is_set_and_no_other(part: str) -> None:
    blocks = re.findall(r'^variable "(\w+)" \{(.*?)^\}', module_file(f"{part}.variables.tf"), re.MULTILINE | re.DOTALL)
    required = {name for name, body in blocks if not re.search(r"^  default\s+=", body, re.MULTILINE)}
    assert {value.name for value in GIVEN_TO[part](EVERYTHING)} == required


def _reasons(value: Value | Reasoned) -> Iterator[str]:
    yield value.reason
    if isinstance(value.value, Mapping):
        for below in value.value.values():
            if isinstance(below, Reasoned):
                yield from _reasons(below)


@pytest.mark.parametrize("part", GIVEN_TO)
def test_every_value_before_the_tier_has_a_reason(part: str) -> None:
    assert all(reason for value in GIVEN_TO[part](EVERYTHING) for reason in _reasons(value))


def test_a_task_is_sized_in_the_units_of_ecs() -> None:
    size = given(application_values, road("application", vcpu=1.0, memory_gb=2.0))["application_size"]
    assert (size["cpu_units"], size["memory_mib"]) == (1024, 2048)


@pytest.mark.parametrize(
    ("tables", "public"),
    [(("application",), True), (("application", "cdn"), False), (("application", "gateway"), False)],
    ids=["alone", "behind-cloudfront", "behind-the-api"],
)
def test_the_load_balancer_is_public_only_where_nothing_stands_before_it(tables: tuple[str, ...], public: bool) -> None:
    assert given(balancer_values, road(*tables))["application_public"] is public


def test_tasks_are_added_before_the_promised_response_time_is_used_up() -> None:
    promised = find_objective("application_response").target
    slow = given(scaling_values)["application_scaling"]["slow_response_s"]
    assert promised is not None
    assert 0 < slow < promised / 1000


def test_the_objectives_of_the_application_are_watched_in_the_units_of_the_load_balancer() -> None:
    alarms = given(scaling_values)["application_alarms"]
    assert alarms["response"]["threshold"] == 0.2
    assert alarms["errors"]["threshold"] == 0.001
    assert alarms["errors"]["divided_by"] == ["RequestCount"]


def test_a_new_version_is_watched_longer_than_its_slowest_alarm_takes() -> None:
    alarms = given(scaling_values)["application_alarms"].values()
    slowest = max(alarm["period_s"] * alarm["periods"] for alarm in alarms)
    assert plan_application(EVERYTHING).bake_minutes * 60 > slowest


def test_one_user_is_never_given_anothers_answer() -> None:
    api = given(cdn_values)["cdn_cache_policies"]["api"]
    assert "Authorization" in api["headers"]
    assert api["default_ttl_s"] == 0


def test_cloudfront_keeps_no_answer_longer_than_the_cache_of_the_tier() -> None:
    spec = Spec.model_validate({"cdn": TABLES["cdn"], "redis": {"cache_ttl": "60s"}})
    policies = given(cdn_values, spec)["cdn_cache_policies"]
    assert policies["api"]["max_ttl_s"] == policies["pages"]["max_ttl_s"] == 60


def test_assets_have_a_bucket_only_where_cloudfront_serves_them() -> None:
    assert set(given(buckets_values, road("application"))["buckets"]) == {"logs"}
    assert set(given(buckets_values)["buckets"]) == {"logs", "assets"}


def test_the_door_is_throttled_as_declared() -> None:
    throttle = given(gateway_values)["gateway_throttle"]
    assert throttle == {
        "requests_per_second": EVERYTHING.gateway.requests_per_second,
        "burst": EVERYTHING.gateway.burst,
    }


@pytest.mark.parametrize("origin", ["assets", "application", "gateway"])
def test_every_way_behind_cloudfront_says_what_stands_there(origin: str) -> None:
    text = module_file(f"cloudfront-to-{origin}.tf")
    assert set(re.findall(r"^  (cdn_\w+)\s+=", text, re.MULTILINE)) == {"cdn_services", "cdn_api_origins"}


def test_no_file_that_can_stand_alone_names_a_resource_of_one_that_may_be_missing() -> None:
    # CloudFront alone has neither a load balancer nor an API behind it.
    for name in ("buckets.tf", "cloudfront.tf", "cloudfront-to-assets.tf"):
        assert not re.search(r"application_|apigatewayv2|aws_lb", module_file(name)), name
    assert "apigatewayv2" not in module_file("cloudfront-to-application.tf")
    for name in ("", "-balancer", "-roles", "-scaling"):
        assert not re.search(r"apigatewayv2|cloudfront_|local\.cdn", module_file(f"application-ecs{name}.tf")), name
