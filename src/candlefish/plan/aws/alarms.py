"""The alarms of CloudWatch: each objective's alert in the metric, the statistic and the unit that CloudWatch has.

No threshold of an objective stands here: each is computed from `plan/objectives.py`. What is watched besides the
objectives stands in `plan/aws/watch.py`.
"""

from collections.abc import Iterator
from typing import Literal

from candlefish.plan.aws.alarm import COMPARISONS, NAMESPACES, PERIOD_S, Alarm, Guard, Missing, Subject
from candlefish.plan.aws.pooler import connections_alert
from candlefish.plan.aws.watch import watch_besides
from candlefish.plan.objectives import Alert, find_objective
from candlefish.spec.model import Spec

__all__ = ["Alarm", "find_unseen", "make_alarms"]

BUSY_WAL_BYTES_PER_S = 10 * 1024
"""WAL of a primary that commits some dozens of small transactions a second: then a replica replays one every moment."""


def make_alarms(spec: Spec) -> tuple[Alarm, ...]:
    """Return the alarms that a spec's tier has."""
    return (*_objectives(spec), *watch_besides(spec))


def find_unseen(spec: Spec) -> dict[str, str]:
    """Return the objectives with an alert that CloudWatch can't see as they are promised, each with why not."""
    unseen = {
        "query_p95": "nothing on AWS publishes a percentile of statements; PgBouncer's average is watched instead",
    }
    if not spec.application.enabled:
        why = "the application is not part of the module: nobody counts its requests (application.enabled)"
        unseen |= {"application_response": why, "application_error_rate": why}
    return unseen


def _objectives(spec: Spec) -> Iterator[Alarm]:
    yield from _database(spec, "database")
    if spec.postgres.read_replicas:
        yield from _database(spec, "replica")
        yield _replica_lag()
    yield from _pooler()
    yield from _cache()
    if spec.application.enabled:
        yield from _application()


def _database(spec: Spec, subject: Literal["database", "replica"]) -> Iterator[Alarm]:
    yield _alarm(
        "database_cpu", f"{subject}-cpu", subject, "CPUUtilization", "Average", scale=100,
        reason="percent of all vCPUs together",
    )  # fmt: skip
    yield _alarm(
        "connections_on_a_server", f"{subject}-connections", subject, "DatabaseConnections", "Maximum",
        scale=connections_alert(spec) / _alert("connections_on_a_server").threshold,
        reason=f"of {spec.postgres.max_connections}; the pools of all tasks together stay below it by design",
    )  # fmt: skip
    yield _alarm(
        "free_storage", f"{subject}-free-storage", subject, "FreeStorageSpace", "Minimum",
        reason="bytes; a full volume stops the database",
    )  # fmt: skip


def _replica_lag() -> Alarm:
    # RDS, "Monitoring and tuning the replication process": ReplicaLag is now() - pg_last_xact_replay_timestamp(),
    # so it counts the time since the last transaction, not the distance.
    return _alarm(
        "replica_lag", "replica-lag", "replica", "ReplicaLag", "Maximum", scale=1 / 1000, missing="breaching",
        reason="seconds; counted while the primary writes, because without writes the metric grows by itself; "
        "a replica that says nothing is taken for one that is behind",
        guard=Guard("database", "TransactionLogsGeneration", "Average", BUSY_WAL_BYTES_PER_S),
    )  # fmt: skip


def _pooler() -> Iterator[Alarm]:
    yield _alarm(
        "waiting_clients", "pooler-waiting-clients", "pooler", "WaitingClients", "Maximum", missing="breaching",
        reason="the largest count of a task, looked at once a minute, so twice in a row; "
        "a pooler that says nothing is taken for one that is away", sampled=True,
    )  # fmt: skip
    yield _alarm(
        "query_p95", "pooler-query-time", "pooler", "QueryTime", "Average", missing="notBreaching",
        reason="milliseconds, the average of all: above the limit for 95 % of them that one is broken; "
        "without queries there is no average",
    )  # fmt: skip


def _cache() -> Iterator[Alarm]:
    # CacheHitRate exists too, but its documented unit (percent) and its documented example (0.8) contradict each other.
    yield _alarm(
        "cache_hit_ratio", "cache-hit-ratio", "cache", "CacheHits", "Sum", missing="notBreaching",
        reason="hits over hits and misses; a node that nobody reads from has no ratio",
        divided_by=("CacheHits", "CacheMisses"), one_period=True,
    )  # fmt: skip
    yield _alarm(
        "cache_memory_ratio", "cache-memory", "cache", "DatabaseMemoryUsagePercentage", "Maximum", scale=100,
        reason="percent of maxmemory, which is what the reserve leaves of the node",
    )  # fmt: skip
    yield _alarm(
        "evictions_per_minute", "cache-evictions", "cache", "Evictions", "Sum", missing="notBreaching",
        reason="keys in one period of a minute",
    )  # fmt: skip


def _application() -> Iterator[Alarm]:
    yield _alarm(
        "application_response", "response", "application", "TargetResponseTime", "p95", scale=1 / 1000,
        missing="notBreaching", reason="seconds, for 95 % of the requests; without requests there is no time",
    )  # fmt: skip
    yield _alarm(
        "application_error_rate", "errors", "application", "HTTPCode_Target_5XX_Count", "Sum", missing="notBreaching",
        reason="answers with 5xx over all requests; no data is no error, because CloudWatch has no zeros of it",
        divided_by=("RequestCount",),
    )  # fmt: skip


def _alarm(
    objective: str, name: str, subject: Subject, metric: str, statistic: str, *, reason: str, scale: float = 1,
    missing: Missing = "missing", divided_by: tuple[str, ...] = (), guard: Guard | None = None,
    one_period: bool = False, sampled: bool = False,
) -> Alarm:  # fmt: skip
    """Make the alarm of an objective; `scale` brings its unit into the metric's.

    `one_period` is for a ratio of sums; `sampled` for a state at one moment, which must be seen at both ends.
    """
    alert = _alert(objective)
    length = round(alert.for_s)
    period = length if one_period else PERIOD_S
    return Alarm(
        name, objective, subject, NAMESPACES[subject], metric, statistic, COMPARISONS[alert.comparison],
        _number(alert.threshold * scale), period, max(1, length // period) + sampled, missing,
        f"{find_objective(objective).promise} ({reason})", divided_by, guard,
    )  # fmt: skip


def _number(value: float) -> float:
    """Return the value without the noise of its computation."""
    return round(value) if abs(value - round(value)) < 1e-9 else round(value, 9)


def _alert(objective: str) -> Alert:
    alert = find_objective(objective).alert
    if alert is None:
        raise ValueError(f"{objective} has no alert")
    return alert
