import pytest

from candlefish.plan.aws.alarm import COMPARISONS, NAMESPACES, PERIOD_S, Alarm
from candlefish.plan.aws.alarms import find_unseen, make_alarms
from candlefish.plan.aws.dashboards import make_dashboards
from candlefish.plan.aws.pooler import connections_alert
from candlefish.plan.objectives import OBJECTIVES, find_objective
from candlefish.spec import Spec
from candlefish.spec.model import PostgresSpec, RedisSpec
from candlefish.spec.model_aws import ApplicationSpec, AwsSpec

WHOLE = Spec(application=ApplicationSpec(enabled=True))
SMALL = Spec(postgres=PostgresSpec(read_replicas=0, max_connections=100), redis=RedisSpec(nodes=1))

IN_THE_METRICS_UNIT = {
    "CPUUtilization": ("ratio", 100),  # percent
    "DatabaseMemoryUsagePercentage": ("ratio", 100),  # percent
    "ReplicaLag": ("ms", 0.001),  # seconds
    "TargetResponseTime": ("ms", 0.001),  # seconds
    "FreeStorageSpace": ("bytes", 1),
    "CacheHits": ("ratio", 1),  # hits over hits and misses
    "HTTPCode_Target_5XX_Count": ("ratio", 1),  # errors over requests
    "QueryTime": ("ms", 1),  # the pooler's own metric
    "WaitingClients": ("count", 1),
    "DatabaseConnections": ("count", 1),
    "Evictions": ("1/min", 1),  # summed over a minute
}
"""For each metric: the unit of the objective, and what brings it into the metric's own (docs/aws-monitoring.md)."""


def alarms(spec: Spec) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in make_alarms(spec)}


@pytest.mark.parametrize("spec", [Spec(), WHOLE, SMALL])
def test_every_objective_with_an_alert_is_watched_or_said_to_be_out_of_sight(spec: Spec) -> None:
    told = {objective.name for objective in OBJECTIVES if objective.alert}
    watched = {alarm.objective for alarm in make_alarms(spec)} - {""}
    without = set() if spec.postgres.read_replicas else {"replica_lag"}
    assert watched | set(find_unseen(spec)) == told - without
    assert all(find_unseen(spec).values())


@pytest.mark.parametrize("alarm", [alarm for alarm in make_alarms(WHOLE) if alarm.objective], ids=lambda a: a.name)
def test_an_objectives_threshold_is_computed_and_in_the_metrics_own_unit(alarm: Alarm) -> None:
    objective = find_objective(alarm.objective)
    assert objective.alert is not None
    unit, scale = IN_THE_METRICS_UNIT[alarm.metric]
    assert objective.unit == unit
    assert alarm.threshold == pytest.approx(objective.alert.threshold * scale)
    assert alarm.comparison == COMPARISONS[objective.alert.comparison]


@pytest.mark.parametrize("alarm", [alarm for alarm in make_alarms(WHOLE) if alarm.objective], ids=lambda a: a.name)
def test_an_alarm_holds_as_long_as_its_objective_says(alarm: Alarm) -> None:
    alert = find_objective(alarm.objective).alert
    assert alert is not None
    sampled = alarm.metric == "WaitingClients"  # a state at one moment: seen at both ends of the time
    assert alarm.period_s * (alarm.periods - sampled) == alert.for_s


@pytest.mark.parametrize("spec", [Spec(), WHOLE, SMALL])
def test_every_alarm_has_a_name_of_its_own_a_reason_and_the_namespace_of_its_subject(spec: Spec) -> None:
    made = make_alarms(spec)
    assert len({alarm.name for alarm in made}) == len(made)
    assert all(alarm.reason and alarm.namespace == NAMESPACES[alarm.subject] for alarm in made)
    assert all(alarm.period_s % PERIOD_S == 0 and alarm.periods > 0 for alarm in made)


def test_what_falls_silent_when_it_breaks_is_taken_for_broken() -> None:
    silent = {name for name, alarm in alarms(Spec()).items() if alarm.missing == "breaching"}
    assert silent == {"replica-lag", "pooler-waiting-clients", "balancer-healthy"}


def test_replica_lag_is_not_counted_while_the_primary_is_idle() -> None:
    guard = alarms(Spec())["replica-lag"].guard
    assert guard is not None
    assert (guard.subject, guard.metric) == ("database", "TransactionLogsGeneration")
    assert alarms(Spec())["replica-stopped"].threshold == 0


def test_a_ratio_is_made_of_counts_because_the_ready_made_one_has_no_clear_unit() -> None:
    alarm = alarms(Spec())["cache-hit-ratio"]
    assert alarm.divided_by == ("CacheHits", "CacheMisses")
    assert alarm.metrics == 3


def test_there_is_no_alarm_for_what_is_not_there() -> None:
    subjects = {alarm.subject for alarm in make_alarms(SMALL)}
    assert "replica" not in subjects
    assert "application" not in subjects
    assert "cache-replication-lag" not in alarms(SMALL)
    assert alarms(SMALL)["database-connections"].threshold == connections_alert(SMALL) == 80


def test_the_thread_of_redis_is_watched_where_the_host_has_more() -> None:
    small = Spec(redis=RedisSpec(instance_class="cache.t4g.micro"))
    assert (alarms(small)["cache-cpu"].metric, alarms(small)["cache-cpu"].threshold) == ("CPUUtilization", 45)
    assert alarms(Spec())["cache-cpu"].metric == "EngineCPUUtilization"


@pytest.mark.parametrize("spec", [Spec(), SMALL, Spec(aws=AwsSpec(cache_shards=3))])
def test_every_chart_shows_something_that_the_tier_has(spec: Spec) -> None:
    has = {"database", "cache", "pooler", "balancer"} | ({"replica"} if spec.postgres.read_replicas else set())
    boards = make_dashboards(spec)
    assert set(boards) == {"rds", "redis", "pgbouncer"}
    assert all(set(chart.subjects) <= has for charts in boards.values() for chart in charts)
    assert all(len({NAMESPACES[subject] for subject in chart.subjects}) == 1 for c in boards.values() for chart in c)


def test_the_line_of_a_chart_is_the_threshold_of_its_alarm() -> None:
    limits = {chart.metric: chart.limit for charts in make_dashboards(Spec()).values() for chart in charts}
    for name in ("database-cpu", "replica-lag", "cache-hit-ratio", "cache-memory", "pooler-query-time"):
        alarm = alarms(Spec())[name]
        assert limits[alarm.metric] == alarm.threshold
