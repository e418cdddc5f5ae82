"""CloudWatch: alarms, dashboards, metrics, logs, and the mails that alarms send."""

from collections.abc import Iterator

from candlefish.cost.model import HOURS_PER_MONTH, Charge, Line, Snapshot
from candlefish.cost.snapshot import require_row
from candlefish.plan.aws.alarm import Alarm
from candlefish.plan.aws.alarms import make_alarms
from candlefish.plan.aws.logs import LOG_RETENTION_DAYS
from candlefish.spec.model import Spec

DASHBOARDS = ("rds", "redis", "pgbouncer")
"""Dashboards of a tier, NAME-rds and so on."""

POOLER_METRICS = 5
"""What each tier's pooler publishes: waiting clients, client and server connections, query time, wait time."""

ALERT_MAILS = 100
"""Mails of alarms in a month, as an assumption: three a day, two of every alarm that comes and goes."""


BLUE_AND_GREEN = 2
"""Target groups of a service of the application: its alarms read the metrics of both."""


def price_operations(spec: Spec, snapshot: Snapshot) -> Iterator[Line]:
    """Give the lines of CloudWatch."""
    alarms, metrics = count_alarms(spec)
    row = require_row(snapshot, "cloudwatch.alarm", "a CloudWatch alarm")
    yield Line("alarms", "operations", f"{alarms} alarms", (Charge(metrics, row, f"they read {metrics} metrics"),))
    dashboard = require_row(snapshot, "cloudwatch.dashboard", "a CloudWatch dashboard")
    yield Line(
        "dashboards",
        "operations",
        "dashboards " + ", ".join(DASHBOARDS),
        (Charge(len(DASHBOARDS), dashboard, f"{len(DASHBOARDS)}, of which {dashboard.free:g} are free"),),
        assumption="the account has no other dashboards",
    )
    metric = require_row(snapshot, "cloudwatch.metric", "a custom metric")
    yield Line("metrics", "operations", "PgBouncer's metrics", (Charge(POOLER_METRICS, metric, f"{POOLER_METRICS}"),))
    yield _logs(spec, snapshot)
    if spec.aws.alert_email is not None:
        row = require_row(snapshot, "sns.email", "notifications by e-mail")
        charge = Charge(ALERT_MAILS, row, f"{ALERT_MAILS}, of which {row.free:,.0f} are free")
        yield Line("alerts", "operations", "mails", (charge,), assumption=f"{ALERT_MAILS} in a month")


def count_alarms(spec: Spec) -> tuple[int, int]:
    """Return how many alarms a tier has, one for each replica, node or service, and how many metrics they read."""
    services = len(spec.application.services) if spec.application.enabled else 0
    each = {
        "replica": spec.postgres.read_replicas,
        "cache": spec.aws.cache_shards * spec.redis.nodes,
        "application": services,
    }
    counted = [(each.get(alarm.subject, 1), alarm.metrics * _sides(alarm)) for alarm in make_alarms(spec)]
    counted.append((services, BLUE_AND_GREEN))  # what makes a service grow reads its response time
    return sum(count for count, _ in counted), sum(count * metrics for count, metrics in counted)


def _sides(alarm: Alarm) -> int:
    return BLUE_AND_GREEN if alarm.subject == "application" else 1


def _logs(spec: Spec, snapshot: Snapshot) -> Line:
    gigabytes = spec.usage.log_gb
    ingest = require_row(snapshot, "logs.ingest", "logs")
    kept = require_row(snapshot, "logs.storage", "kept logs")
    months = LOG_RETENTION_DAYS * 24 / HOURS_PER_MONTH
    charges = (
        Charge(gigabytes, ingest, f"{gigabytes:g} GB in"),
        Charge(months * gigabytes, kept, f"{months:g} months x {gigabytes:g} GB kept"),
    )
    why = f"after {LOG_RETENTION_DAYS} days, when as much goes as comes; slow statements dominate"
    return Line("logs", "operations", "logs of all parts", charges, "log_gb", why)
