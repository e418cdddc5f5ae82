import pytest
from tests.unit.terraform.rules.fragments import NODE, Values, alarm, found, plan, query

CPU, LAG, STORAGE = (f"aws_cloudwatch_metric_alarm.{name}" for name in ("cpu", "lag", "storage"))
HITS, EVICTIONS = (f"aws_cloudwatch_metric_alarm.{name}" for name in ("hits", "evictions"))
NEW = "aws_cloudwatch_metric_alarm.new"


def ratio(expression: str = "metric / (part0 + part1)", returned: bool | None = True, **first: object) -> list[Values]:
    value: Values = {"id": "value", "return_data": returned, "expression": expression, "metric": []}
    return [value, query("metric", "CacheHits", **first), query("part0", "CacheHits"), query("part1", "CacheMisses")]


@pytest.mark.parametrize(
    ("address", "changes", "rules"),
    [
        (LAG, {"threshold": 1000}, {"alarm-unit", "alarm-objective"}),
        (CPU, {"threshold": 0.8}, {"alarm-unit"}),
        (CPU, {"threshold": 80 * 100}, {"alarm-unit", "alarm-objective"}),
        (STORAGE, {"threshold": 10}, {"alarm-unit", "alarm-objective"}),
        (HITS, {"threshold": 85}, {"alarm-unit"}),
        (CPU, {"threshold": 90}, {"alarm-objective"}),
        (STORAGE, {"threshold": 5 * 1024**3}, {"alarm-objective"}),
        (HITS, {"threshold": 0.8}, {"alarm-objective"}),
        (EVICTIONS, {"threshold": 500}, {"alarm-objective"}),
        (CPU, {"metric_name": "CPUUtilisation"}, {"alarm-metric", "alarm-missing"}),
        (CPU, {"dimensions": {"DBInstance": "tier"}}, {"alarm-metric", "alarm-missing"}),
        (CPU, {"period": 45}, {"alarm-period"}),
        (CPU, {"period": 30}, {"alarm-period"}),
        (CPU, {"period": None}, {"alarm-period"}),
        (CPU, {"period": 600, "evaluation_periods": 145}, {"alarm-period"}),
        (CPU, {"period": 3600, "evaluation_periods": 169}, {"alarm-period"}),
        (CPU, {"alarm_actions": []}, {"alarm-action"}),
        (CPU, {"alarm_actions": None}, {"alarm-action"}),
        (CPU, {"actions_enabled": False}, {"alarm-action"}),
        (CPU, {"statistic": "Sum"}, {"alarm-statistic"}),
        (CPU, {"statistic": None}, {"alarm-statistic"}),
        (STORAGE, {"statistic": "Maximum"}, {"alarm-statistic"}),
        (LAG, {"statistic": "Minimum"}, {"alarm-statistic"}),
        (EVICTIONS, {"statistic": "Average"}, {"alarm-statistic"}),
        (HITS, {"metric_query": ratio("metric / (part0 + part2)")}, {"alarm-expression"}),
        (HITS, {"metric_query": [*ratio(), query("Extra", "CacheHits")]}, {"alarm-expression"}),
        (HITS, {"metric_query": ratio(returned=None)}, {"alarm-expression", "alarm-missing"}),
        (HITS, {"metric_query": ratio(stat="Average")}, {"alarm-statistic"}),
        (HITS, {"metric_query": ratio(period=90)}, {"alarm-period"}),
        (HITS, {"metric_query": ratio(dimensions={})}, {"alarm-metric"}),
    ],
)
def test_a_mistake_in_an_alarm_is_found(address: str, changes: Values, rules: set[str]) -> None:
    assert {rule for rule, _ in found(plan({address: changes}))} == rules


@pytest.mark.parametrize("name", ["cpu", "connections_1", "storage", "lag", "memory", "evictions", "hits"])
def test_an_alarm_that_an_objective_promises_is_missed(name: str) -> None:
    assert {rule for rule, _ in found(plan(without=(f"aws_cloudwatch_metric_alarm.{name}",)))} == {"alarm-missing"}


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (CPU, {"threshold": 70}),
        (CPU, {"statistic": None, "extended_statistic": "p99"}),
        (EVICTIONS, {"threshold": 500, "period": 300}),
        (NEW, alarm("CPUUtilization", "GreaterThan", 95, "Average", {"DBInstanceIdentifier": "tier"})),
        (NEW, alarm("CurrConnections", "GreaterThan", 52000, "Maximum", NODE)),
        (NEW, {**alarm("Anything", "GreaterThan", 5, "Sum", {}), "namespace": "an/application"}),
    ],
)
def test_what_an_alarm_may_be_is_let_through(address: str, changes: Values) -> None:
    assert found(plan({address: changes})) == set()


def test_a_guarded_metric_is_held_against_its_objective() -> None:
    guard = query("guard", "TransactionLogsGeneration", namespace="AWS/RDS", stat="Average",
                  dimensions={"DBInstanceIdentifier": "tier"})  # fmt: skip
    lag = query("metric", "ReplicaLag", namespace="AWS/RDS", stat="Maximum",
                dimensions={"DBInstanceIdentifier": "tier-replica-1"})  # fmt: skip
    value = {"id": "value", "return_data": True, "expression": "IF(guard >= 10240, metric, 0)", "metric": []}
    guarded: Values = dict.fromkeys(("metric_name", "namespace", "statistic", "period", "dimensions"))
    guarded["metric_query"] = [value, lag, guard]
    assert found(plan({LAG: guarded})) == set()
    assert {rule for rule, _ in found(plan({LAG: {**guarded, "threshold": 60}}))} == {"alarm-objective"}
    assert "alarm-unit" in {rule for rule, _ in found(plan({LAG: {**guarded, "threshold": 1000}}))}


def test_dimensions_that_aws_decides_count_as_given() -> None:
    unknown = plan({CPU: {"dimensions": None}})
    unknown["resource_changes"] = [
        {"address": CPU, "change": {"after_unknown": {"dimensions": {"DBInstanceIdentifier": True}}}}
    ]
    assert "alarm-metric" not in {rule for rule, _ in found(unknown)}


def test_an_action_that_aws_decides_counts_as_given() -> None:
    unknown = plan({CPU: {"alarm_actions": []}})
    unknown["resource_changes"] = [{"address": CPU, "change": {"after_unknown": {"alarm_actions": [True]}}}]
    assert found(unknown) == set()
