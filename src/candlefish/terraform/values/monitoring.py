"""What cloudwatch.tf is given."""

from collections.abc import Iterator, Mapping

from candlefish.plan.aws.alarm import Alarm
from candlefish.plan.aws.alarms import make_alarms
from candlefish.plan.aws.dashboards import Chart, make_dashboards
from candlefish.plan.aws.logs import LOG_RETENTION_DAYS
from candlefish.spec.model import Spec
from candlefish.terraform.value import Hcl, Reasoned, Value


def monitoring_values(spec: Spec) -> Iterator[Value]:
    """Give the alarms, the dashboards, and who is told."""
    yield Value("log_retention_days", LOG_RETENTION_DAYS, "a year, as audits ask for; it costs cents a month")
    email = spec.aws.alert_email
    yield Value("alert_email", email, "declared" if email else "declared is nobody: subscribe to the topic yourself")
    alarms = {alarm.name: _alarm(alarm) for alarm in make_alarms(spec) if alarm.subject != "application"}
    yield Value("alarms", alarms, "the objectives' alerts in CloudWatch's units, and what a tier needs besides")
    dashboards = {name: [_chart(chart) for chart in charts] for name, charts in make_dashboards(spec).items()}
    yield Value("dashboards", dashboards, "the alarms' metrics with their limits, and what explains them")


def _alarm(alarm: Alarm) -> Mapping[str, Hcl | Reasoned]:
    more: dict[str, Hcl | Reasoned] = {}
    if alarm.divided_by:
        more["divided_by"] = list(alarm.divided_by)
    if alarm.guard:
        more["guard"] = {
            "subject": alarm.guard.subject,
            "metric": alarm.guard.metric,
            "statistic": alarm.guard.statistic,
            "at_least": Reasoned(alarm.guard.at_least, "bytes a second: some dozens of small commits"),
        }
    return {
        "subject": alarm.subject,
        "namespace": alarm.namespace,
        "metric": alarm.metric,
        "statistic": alarm.statistic,
        "comparison": alarm.comparison,
        "threshold": Reasoned(alarm.threshold, f"objective {alarm.objective}") if alarm.objective else alarm.threshold,
        "period_s": alarm.period_s,
        "periods": alarm.periods,
        "missing": alarm.missing,
        "reason": alarm.reason,
        **more,
    }


def _chart(chart: Chart) -> Mapping[str, Hcl]:
    more: dict[str, Hcl] = {}
    if chart.divided_by:
        more["divided_by"] = list(chart.divided_by)
    if chart.limit is not None:
        more["limit"] = chart.limit
    return {
        "title": chart.title,
        "subjects": list(chart.subjects),
        "namespace": chart.namespace,
        "metric": chart.metric,
        "statistic": chart.statistic,
        **more,
    }
