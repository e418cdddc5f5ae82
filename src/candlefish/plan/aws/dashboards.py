"""The dashboards of CloudWatch: what an alarm looks at with its limit as a line, and what explains it beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from candlefish.plan.aws.alarm import NAMESPACES, Alarm, Subject
from candlefish.plan.aws.alarms import make_alarms
from candlefish.plan.aws.pooler import make_pooler
from candlefish.plan.aws.scaling import scale_pooler
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: a line for everything of its subjects; `limit` is in the metric's own unit."""

    title: str
    subjects: tuple[Subject, ...]
    metric: str
    statistic: str
    divided_by: tuple[str, ...] = ()
    limit: float | None = None

    @property
    def namespace(self) -> str:
        """Where its metric is published."""
        return NAMESPACES[self.subjects[0]]


def make_dashboards(spec: Spec) -> Mapping[str, tuple[Chart, ...]]:
    """Return the charts of each dashboard, by the part that it shows."""
    alarms = {alarm.name: alarm for alarm in make_alarms(spec)}
    return {
        "rds": tuple(_database(spec, alarms)),
        "redis": tuple(_cache(alarms)),
        "pgbouncer": tuple(_pooler(spec, alarms)),
    }


def _database(spec: Spec, alarms: Mapping[str, Alarm]) -> Iterator[Chart]:
    servers: tuple[Subject, ...] = ("database", "replica") if spec.postgres.read_replicas else ("database",)
    yield _watched("CPU, percent", alarms["database-cpu"], servers)
    vcpus = DATABASE_CLASSES[spec.postgres.instance_class].vcpus
    yield Chart("Sessions at work (line: the primary's vCPUs)", servers, "DBLoad", "Average", limit=vcpus)
    yield _watched("Connections", alarms["database-connections"], servers)
    if "replica-lag" in alarms:
        yield _watched("Replica lag, seconds (without writes it grows by itself)", alarms["replica-lag"], plain=True)
    yield Chart("Read latency, seconds", servers, "ReadLatency", "Average")
    yield Chart("Write latency, seconds", servers, "WriteLatency", "Average")
    yield _watched("Free storage, bytes", alarms["database-free-storage"], servers)
    yield _watched("Free memory, bytes (line: the primary's)", alarms["database-memory"], servers)
    yield _watched("WAL on the disk, bytes", alarms["database-wal"])
    yield _watched("WAL that a slot holds back, bytes", alarms["database-slot-lag"])


def _cache(alarms: Mapping[str, Alarm]) -> Iterator[Chart]:
    yield _watched("Hit ratio", alarms["cache-hit-ratio"])
    yield _watched("Memory, percent", alarms["cache-memory"])
    yield _watched("Evictions a minute", alarms["cache-evictions"])
    yield _watched("CPU, percent", alarms["cache-cpu"])
    yield _watched("Connections", alarms["cache-connections"])
    if "cache-replication-lag" in alarms:
        yield _watched("Replication lag, seconds", alarms["cache-replication-lag"])


def _pooler(spec: Spec, alarms: Mapping[str, Alarm]) -> Iterator[Chart]:
    yield _watched("Waiting clients", alarms["pooler-waiting-clients"])
    yield _watched("Average query, milliseconds", alarms["pooler-query-time"])
    yield Chart("Average wait for a connection, milliseconds", ("pooler",), "WaitTime", "Average")
    clients = scale_pooler(spec).clients
    yield Chart("Clients of a task (line: autoscaling)", ("pooler",), "ClientConnections", "Average", limit=clients)
    most = make_pooler(spec).max_db_connections
    title = "Server connections of a task's fullest database (line: the most)"
    yield Chart(title, ("pooler",), "ServerConnections", "Maximum", limit=most)
    yield _watched("Tasks that answer", alarms["balancer-healthy"])


def _watched(title: str, alarm: Alarm, subjects: tuple[Subject, ...] = (), *, plain: bool = False) -> Chart:
    """Show what an alarm looks at; `plain` without what else it takes into account."""
    divided_by = () if plain else alarm.divided_by
    return Chart(title, subjects or (alarm.subject,), alarm.metric, alarm.statistic, divided_by, alarm.threshold)
