"""Alarms: in the metric's unit, no looser than what is promised, with somebody who is told."""

import re
from collections.abc import Iterator

from candlefish.errors import closest
from candlefish.plan.objectives import find_objective
from candlefish.results import Finding
from candlefish.terraform.rules.database import is_replica
from candlefish.terraform.rules.finding import doubtful, number, wrong
from candlefish.terraform.rules.metrics import BOUNDS, METRICS, NAMESPACES, STATISTICS
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule
from candlefish.terraform.rules.signals import ALARM, Signal, expressions, signals, sources, words

OBJECTIVES = {
    ("AWS/RDS", "CPUUtilization"): ("database_cpu", 100),
    ("AWS/RDS", "DatabaseConnections"): ("connections_on_a_server", 1),
    ("AWS/RDS", "FreeStorageSpace"): ("free_storage", 1),
    ("AWS/RDS", "ReplicaLag"): ("replica_lag", 1 / 1000),
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"): ("cache_memory_ratio", 100),
    ("AWS/ElastiCache", "Evictions"): ("evictions_per_minute", 1),
    ("AWS/ApplicationELB", "TargetResponseTime"): ("application_response", 1 / 1000),
    ("candlefish/pgbouncer", "WaitingClients"): ("waiting_clients", 1),
    ("candlefish/pgbouncer", "QueryTime"): ("query_p95", 1),
}
"""The objective that a metric stands for, and what makes the objective's unit the metric's."""

RATIOS = {
    ("AWS/ElastiCache", "CacheHits"): "cache_hit_ratio",
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): "application_error_rate",
}
"""The same for one metric over others."""

_OF_INSTANCES = ("CPUUtilization", "DatabaseConnections", "FreeStorageSpace")
_OF_CACHES = {
    "DatabaseMemoryUsagePercentage": "cache_memory_ratio",
    "Evictions": "evictions_per_minute",
    "CacheHits": "cache_hit_ratio",
}

MINUTE = 60
FINE_PERIODS_S = (10, 20, 30)
"""For metrics of one's own with a resolution of a second; those of AWS come once a minute."""

HOUR_S, DAY_S, WEEK_S = 3600, 86_400, 604_800

NOISE = 1e-9
"""Of a threshold that was computed in floating point."""

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_PERCENTILE = re.compile(r"p\d{1,2}(\.\d+)?|tm\d+|IQM")


def check_metrics(planned: Planned) -> Iterator[Finding]:
    """Find alarms on what nobody publishes, or without a dimension that it is published under."""
    for alarm, source in sources(planned):
        key = source.namespace, source.metric
        if source.namespace in NAMESPACES and key not in METRICS:
            known = [name for namespace, name in METRICS if namespace == source.namespace]
            message = f"{source.namespace} has no metric {source.metric}{closest(source.metric, known)}"
            yield wrong(alarm, "metric_name", message, "an alarm on it would never change its state")
        elif key in METRICS and "*" not in source.dimensions:
            for name in METRICS[key].dimensions:
                if name not in source.dimensions:
                    yield wrong(alarm, "dimensions", f"{source.metric} without {name}: no value is published so")


def check_units(planned: Planned) -> Iterator[Finding]:
    """Find thresholds in another unit than the metric's."""
    for signal in signals(planned):
        metric = METRICS.get((signal.first.namespace, signal.first.metric))
        if metric is None or signal.threshold is None:
            continue
        unit, (low, high) = ("ratio", (0.0, 1.0)) if signal.ratio else (metric.unit, BOUNDS.get(metric.unit, (0, 0)))
        if high and signal.threshold > 0 and not low <= signal.threshold <= high:
            message = f"{signal.threshold:.15g} {unit} of {signal.first.metric}: from {low:g} to {high:g} would be one"
            yield wrong(signal.alarm, "threshold", message, f"the metric counts in {unit}")


def check_objectives(planned: Planned) -> Iterator[Finding]:
    """Find alarms that come later than what is promised, where no other one comes in time."""
    strictest: dict[tuple[str, str, str, bool], Signal] = {}
    for signal in signals(planned):
        limit = _limit(signal)
        if limit is None or signal.threshold is None or signal.upward != limit[1]:
            continue
        key = signal.first.namespace, signal.first.metric, signal.first.subject, signal.upward
        other = strictest.get(key)
        if other is None or _looser(other.threshold or 0, signal.threshold, signal.upward):
            strictest[key] = signal
    for signal in strictest.values():
        limit = _limit(signal)
        if limit is not None and signal.threshold is not None and _looser(signal.threshold, limit[0], signal.upward):
            message = f"{signal.threshold:.15g} of {signal.first.metric}, but an alert is promised at {limit[0]:.15g}"
            yield wrong(signal.alarm, "threshold", message, f"plan/objectives.py: {limit[2]}")


def _limit(signal: Signal) -> tuple[float, bool, str] | None:
    """Return the threshold that an objective promises in the signal's unit, whether upward, and the objective."""
    key = signal.first.namespace, signal.first.metric
    name, scale = (RATIOS.get(key, ""), 1.0) if signal.ratio else OBJECTIVES.get(key, ("", 1.0))
    alert = find_objective(name).alert if name else None
    if alert is None:
        return None
    if name == "evictions_per_minute":
        scale = (signal.first.period_s or MINUTE) / MINUTE
    return alert.threshold * scale, alert.comparison.startswith(">"), name


def _looser(one: float, other: float, upward: bool) -> bool:
    return one > other + NOISE if upward else one < other - NOISE


def check_missing(planned: Planned) -> Iterator[Finding]:
    """Find databases, caches and poolers without an alarm that an objective promises."""
    watched = [signal for signal in signals(planned) if (limit := _limit(signal)) and limit[1] == signal.upward]
    for instance in planned.of("aws_db_instance"):
        own = f'"DBInstanceIdentifier": "{instance.get("identifier")}"'
        seen = {signal.first.metric for signal in watched if own in signal.first.subject}
        for metric in (*_OF_INSTANCES, *["ReplicaLag"] * is_replica(instance)):
            if metric not in seen:
                yield _unwatched(instance, metric, OBJECTIVES["AWS/RDS", metric][0])
    seen = {signal.first.metric for signal in watched if signal.first.namespace == "AWS/ElastiCache"}
    for group in planned.of("aws_elasticache_replication_group"):
        for metric, objective in _OF_CACHES.items():
            if metric not in seen:
                yield _unwatched(group, metric, objective)


def _unwatched(resource: Resource, metric: str, objective: str) -> Finding:
    return doubtful(resource, "", f"no alarm on {metric}", f"plan/objectives.py: {objective}")


def check_periods(planned: Planned) -> Iterator[Finding]:
    """Find periods that CloudWatch does not take, and alarms that look back too far."""
    for alarm, source in sources(planned):
        period = source.period_s
        if period is None:
            if not alarm.is_unknown("period"):
                yield wrong(alarm, "period", f"missing for {source.metric}")
            continue
        if period not in FINE_PERIODS_S and period % MINUTE:
            yield wrong(alarm, "period", f"{period:g} s: 10, 20, 30 or a multiple of 60")
        elif period < MINUTE and source.namespace.startswith("AWS/"):
            yield wrong(alarm, "period", f"{period:g} s: {source.namespace} publishes once a minute")
        length = period * (number(alarm.get("evaluation_periods")) or 1)
        most = DAY_S if period < HOUR_S else WEEK_S
        if length > most:
            yield wrong(alarm, "evaluation_periods", f"{length:g} s in all: at most {most}")


def check_actions(planned: Planned) -> Iterator[Finding]:
    """Find alarms that tell nobody."""
    for alarm in planned.of(ALARM):
        if alarm.get("actions_enabled") is False:
            yield wrong(alarm, "actions_enabled", "false: it turns red and nobody is told")
        elif not alarm.get("alarm_actions") and not alarm.is_unknown("alarm_actions"):
            yield wrong(alarm, "alarm_actions", "none: it turns red and nobody is told")


def check_statistics(planned: Planned) -> Iterator[Finding]:
    """Find statistics that say nothing of their metric."""
    for alarm, source in sources(planned):
        metric = METRICS.get((source.namespace, source.metric))
        if metric is None:
            continue
        percentile = _PERCENTILE.fullmatch(source.statistic) and metric.unit != "events"
        if source.statistic not in STATISTICS[metric.unit] and not percentile:
            message = f"{source.statistic or 'none'} of {source.metric}: {' or '.join(STATISTICS[metric.unit])}"
            yield wrong(alarm, "statistic", message)
    for signal in signals(planned):
        best = "Minimum" if signal.upward else "Maximum"
        if not signal.ratio and signal.first.statistic == best:
            message = f"{best} of {signal.first.metric}: the best value of the period, so that the worst is not seen"
            yield doubtful(signal.alarm, "statistic", message)


def check_expressions(planned: Planned) -> Iterator[Finding]:
    """Find expressions that CloudWatch refuses."""
    for alarm in planned.of(ALARM):
        queries = alarm.blocks("metric_query")
        if not queries or alarm.is_unknown("metric_query"):
            continue
        names = {str(query.get("id")) for query in queries}
        for name in sorted(names):
            if not _ID.fullmatch(name):
                yield wrong(alarm, "metric_query", f"id {name!r}: a small letter, then letters, digits and _")
        returned = sum(bool(query.get("return_data")) for query in queries)
        if returned != 1:
            yield wrong(alarm, "metric_query", f"{returned} queries return data: exactly one is compared")
        for expression in expressions(alarm):
            if unknown := words(expression) - names:
                yield wrong(alarm, "metric_query", f"{expression}: nothing is called {', '.join(sorted(unknown))}")


RULES = (
    Rule("alarm-metric", "AWS's lists of metrics and dimensions of each service (rules/metrics.py)", check_metrics),
    Rule(
        "alarm-unit",
        "AWS's lists of metrics (Units; ReplicaLag in seconds: 'Monitoring read replication')",
        check_units,
    ),
    Rule("alarm-objective", "plan/objectives.py", check_objectives),
    Rule("alarm-missing", "plan/objectives.py", check_missing),
    Rule("alarm-period", "CloudWatch API, PutMetricAlarm (Period, EvaluationPeriods)", check_periods),
    Rule("alarm-action", "CloudWatch API, PutMetricAlarm (ActionsEnabled, AlarmActions)", check_actions),
    Rule("alarm-statistic", "AWS's lists of metrics (Statistics)", check_statistics),
    Rule("alarm-expression", "CloudWatch API, MetricDataQuery (Id, Expression, ReturnData)", check_expressions),
)
