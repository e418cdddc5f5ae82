"""The bill prices what the module makes: every type of resource, and as many as there are."""

from collections import Counter
from typing import Any

import pytest
from tests.live.terraform.conftest import HERE, Case

from candlefish.cost.bill import make_bill
from candlefish.cost.model import Bill
from candlefish.cost.snapshot import load_packaged
from candlefish.spec.load import load

pytestmark = pytest.mark.live

REGION = "us-east-1"
"""The region whose prices come with the package; a quantity is the same everywhere."""

PRICED = {
    "aws_apigatewayv2_stage": "gateway.requests",
    "aws_backup_plan": "rds.backup",
    "aws_backup_restore_testing_plan": "rds.restore_test",
    "aws_cloudfront_distribution": "cdn.transfer",
    "aws_cloudwatch_dashboard": "dashboards",
    "aws_cloudwatch_log_group": "logs",
    "aws_cloudwatch_metric_alarm": "alarms",
    "aws_db_instance": "rds.primary",
    "aws_db_instance_automated_backups_replication": "transfer.cross_region",
    "aws_ecr_repository": "ecr",
    "aws_ecs_service": "pooler.tasks",
    "aws_elasticache_replication_group": "cache.nodes",
    "aws_kms_key": "kms",
    "aws_lb": "nlb.hours",
    "aws_scheduler_schedule": "rotation",
    "aws_secretsmanager_secret": "secrets",
    "aws_sns_topic_subscription": "alerts",
}
"""A line of the bill for each type of resource that AWS charges for."""

FREE = (
    "aws_apigatewayv2_", "aws_appautoscaling_", "aws_backup_", "aws_cloudfront_", "aws_cloudwatch_event_",
    "aws_cloudwatch_log_delivery", "aws_db_parameter_group", "aws_db_subnet_group", "aws_default_security_group",
    "aws_ecr_lifecycle_policy", "aws_ecs_cluster", "aws_ecs_task_definition", "aws_elasticache_parameter_group",
    "aws_elasticache_subnet_group", "aws_flow_log", "aws_iam_", "aws_internet_gateway", "aws_kms_alias",
    "aws_lb_", "aws_route", "aws_s3_bucket", "aws_secretsmanager_secret_version", "aws_security_group", "aws_sns_topic",
    "aws_sqs_queue", "aws_subnet", "aws_vpc",
)  # fmt: skip
"""How the others' types begin: no charge of their own, or by use alone, which other lines or the unpriced list have."""

Resources = list[dict[str, Any]]


@pytest.fixture
def bill(case: Case) -> Bill:
    spec = load(HERE / "specs" / f"{case.name}.toml")
    aws = spec.aws.model_copy(update={"region": REGION, "backup_copy_region": spec.aws.backup_copy_region})
    return make_bill(spec.model_copy(update={"aws": aws}), load_packaged(REGION))


@pytest.fixture
def resources(plan: dict[str, Any]) -> Resources:
    planned = plan["planned_values"]["root_module"]["resources"]
    return [resource for resource in planned if resource["mode"] == "managed"]


def quantity(bill: Bill, line_id: str) -> float:
    line = bill.line(line_id)
    return sum(charge.quantity for charge in line.charges) if line else 0.0


def of_type(resources: Resources, name: str) -> list[dict[str, Any]]:
    return [resource["values"] for resource in resources if resource["type"] == name]


def metrics(alarm: dict[str, Any]) -> int:
    return sum(1 for query in alarm["metric_query"] if query["metric"]) or 1


def test_every_type_of_resource_has_a_line_or_is_free(resources: Resources, bill: Bill) -> None:
    types = {resource["type"] for resource in resources}
    assert {name for name in types if name not in PRICED and not name.startswith(FREE)} == set()
    assert {name for name in types if name in PRICED and bill.line(PRICED[name]) is None} == set()


def test_the_bill_counts_what_is_planned(resources: Resources, bill: Bill) -> None:
    counts = Counter(resource["type"] for resource in resources)
    endpoints = [one for one in of_type(resources, "aws_vpc_endpoint") if one["vpc_endpoint_type"] == "Interface"]
    zones = {one["availability_zone"] for one in of_type(resources, "aws_subnet")}
    assert quantity(bill, "secrets") == counts["aws_secretsmanager_secret"]
    assert quantity(bill, "kms") == counts["aws_kms_key"]
    assert quantity(bill, "dashboards") == counts["aws_cloudwatch_dashboard"]
    assert quantity(bill, "alarms") == sum(map(metrics, of_type(resources, "aws_cloudwatch_metric_alarm")))
    assert quantity(bill, "endpoints.hours") == len(endpoints) * len(zones) * 730


def test_the_bill_has_the_instances_and_the_storage_that_are_planned(resources: Resources, bill: Bill) -> None:
    databases = of_type(resources, "aws_db_instance")
    (main,) = (one for one in databases if not one.get("replicate_source_db"))
    (cache,) = of_type(resources, "aws_elasticache_replication_group")
    shards, replicas = cache.get("num_node_groups") or 1, cache.get("replicas_per_node_group") or 0
    nodes = cache.get("num_cache_clusters") or shards * (1 + replicas)
    assert quantity(bill, "rds.primary") + quantity(bill, "rds.replicas") == len(databases) * 730
    assert quantity(bill, "rds.storage") == len(databases) * main["allocated_storage"]
    assert quantity(bill, "cache.nodes") == nodes * 730
