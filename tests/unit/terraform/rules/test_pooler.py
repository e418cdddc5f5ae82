import pytest
from tests.unit.terraform.rules.fragments import Values, container, found, plan, pool

TASK, SERVICE = "aws_ecs_task_definition.pgbouncer", "aws_ecs_service.pgbouncer"
LISTENER, SCALING = "aws_lb_listener.pgbouncer", "aws_appautoscaling_target.pgbouncer"


@pytest.mark.parametrize(
    ("address", "changes", "rule", "subject"),
    [
        (TASK, {"container_definitions": pool(max_db_connections="13")}, "pooler-connections",
         f"{TASK}.max_db_connections"),
        (TASK, {"container_definitions": pool(max_db_connections="0")}, "pooler-connections",
         f"{TASK}.max_db_connections"),
        (SCALING, {"max_capacity": 5}, "pooler-connections", f"{TASK}.max_db_connections"),
        (SERVICE, {"deployment_maximum_percent": 300}, "pooler-connections", f"{TASK}.max_db_connections"),
        (SERVICE, {"desired_count": 6}, "pooler-connections", f"{TASK}.max_db_connections"),
        ("aws_cloudwatch_metric_alarm.connections", {"threshold": 200}, "pooler-connections",
         f"{TASK}.max_db_connections"),
        (TASK, {"container_definitions": container(stopTimeout=60)}, "stop-timeout", f"{TASK}.stopTimeout"),
        (TASK, {"container_definitions": container(stopTimeout=None)}, "stop-timeout", f"{TASK}.stopTimeout"),
        (TASK, {"container_definitions": container({"DRAIN_S": "115"})}, "stop-timeout", f"{TASK}.stopTimeout"),
        (TASK, {"container_definitions": container(stopTimeout=180)}, "stop-timeout", f"{TASK}.stopTimeout"),
        (TASK, {"container_definitions": pool(tcp_keepidle="600")}, "keepalive", f"{TASK}.tcp_keepidle"),
        (TASK, {"container_definitions": pool(tcp_keepidle="0")}, "keepalive", f"{TASK}.tcp_keepidle"),
        (TASK, {"container_definitions": pool(tcp_keepalive="0")}, "keepalive", f"{TASK}.tcp_keepalive"),
        (LISTENER, {"tcp_idle_timeout_seconds": 30}, "keepalive", f"{LISTENER}.tcp_idle_timeout_seconds"),
        (TASK, {"memory": "512"}, "fargate-size", f"{TASK}.memory"),
        (TASK, {"memory": "1536"}, "fargate-size", f"{TASK}.memory"),
        (TASK, {"cpu": "500"}, "fargate-size", f"{TASK}.cpu"),
        (TASK, {"container_definitions": pool(max_client_conn="20000")}, "open-files", f"{TASK}.ulimits"),
        (TASK, {"container_definitions": container(ulimits=[{"name": "nofile", "softLimit": 99000,
                                                             "hardLimit": 99000}])}, "open-files", f"{TASK}.ulimits"),
        (SERVICE, {"desired_count": 1}, "pooler-spread", f"{SERVICE}.desired_count"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_pooler_is_found(address: str, changes: Values, rule: str, subject: str) -> None:
    assert found(plan({address: changes})) == {(rule, subject)}


def test_a_primary_alone_has_the_databases_of_the_replicas_too() -> None:
    without = plan({TASK: {"container_definitions": pool(max_db_connections="11")}}, ("aws_db_instance.replica",))
    assert ("pooler-connections", f"{TASK}.max_db_connections") in found(without)


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (TASK, {"container_definitions": pool(max_db_connections="6")}),
        (TASK, {"container_definitions": container(stopTimeout=110)}),
        (TASK, {"cpu": "1024", "memory": "8192"}),
        (TASK, {"requires_compatibilities": ["EC2"], "memory": "700"}),
        (LISTENER, {"tcp_idle_timeout_seconds": None}),
        (TASK, {"container_definitions": "no JSON"}),
    ],
)
def test_what_the_pooler_may_be_is_let_through(address: str, changes: Values) -> None:
    assert found(plan({address: changes})) == set()


def test_before_the_first_apply_the_settings_of_the_variable_are_counted() -> None:
    unknown = plan({TASK: {"container_definitions": None}})
    expressions = {one["address"]: one["expressions"] for one in unknown["configuration"]["root_module"]["resources"]}
    expressions[TASK]["container_definitions"] = {"references": ["var.pgbouncer_settings", "local.more"]}
    unknown["resource_changes"] = [{"address": TASK, "change": {"after_unknown": {"container_definitions": True}}}]
    unknown["variables"] = {"pgbouncer_settings": {"value": {"max_db_connections": "12", "tcp_keepidle": "5"}}}
    assert found(unknown) == set()
    unknown["variables"] = {"pgbouncer_settings": {"value": {"max_db_connections": "25", "tcp_keepidle": "500"}}}
    assert {rule for rule, _ in found(unknown)} == {"pooler-connections", "keepalive"}
