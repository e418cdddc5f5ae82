"""What the application's files are given."""

from collections.abc import Iterator, Mapping

from candlefish.plan.aws.alarm import Alarm
from candlefish.plan.aws.alarms import make_alarms
from candlefish.plan.aws.application import (
    GROWTH_COOLDOWN_S,
    GROWTH_PERCENT,
    SHRINK_COOLDOWN_S,
    Application,
    plan_application,
)
from candlefish.spec.check_road import faces_internet
from candlefish.spec.model import Spec
from candlefish.terraform.value import Hcl, Reasoned, Value

DECLARED = "declared"


def application_values(spec: Spec) -> Iterator[Value]:
    """Give the services, their size, and what makes them grow."""
    declared, plan = spec.application, plan_application(spec)
    yield Value("application_services", declared.services, "declared: each has a path, an image and an ECS service")
    yield Value("application_port", declared.port, "declared: where each container listens")
    yield Value("application_size", _size(spec, plan), "of each service")
    yield Value(
        "application_bake_minutes",
        plan.bake_minutes,
        "a new version is watched five times as long as its slowest alarm takes",
    )


def balancer_values(spec: Spec) -> Iterator[Value]:
    """Give the load balancer's certificate and name, and whether it faces the internet."""
    declared = spec.application
    public = faces_internet(spec)
    why = "nothing stands before it" if public else "CloudFront or the HTTP API stands before it"
    yield Value("application_public", public, why)
    yield Value("application_domain", declared.domain, "declared: the name in the certificate")
    yield Value("application_certificate_arn", declared.certificate_arn, DECLARED)
    yield Value("application_health_path", declared.health_path, "declared: what the load balancer asks")


def scaling_values(spec: Spec) -> Iterator[Value]:
    """Give the thresholds of autoscaling and the alarms, both from the objectives."""
    yield Value("application_scaling", _scaling(plan_application(spec)), "from the objectives")
    alarms = {alarm.name: _alarm(alarm) for alarm in make_alarms(spec) if alarm.subject == "application"}
    yield Value("application_alarms", alarms, "the objectives' alerts; each is made for every service")


def _size(spec: Spec, plan: Application) -> Mapping[str, Hcl | Reasoned]:
    declared = spec.application
    return {
        "cpu_units": Reasoned(plan.cpu_units, f"declared: {declared.vcpu:g} vCPU"),
        "memory_mib": Reasoned(plan.memory_mib, f"declared: {declared.memory_gb:g} GB"),
        "tasks": Reasoned(plan.tasks, "declared: in different zones"),
        "max_tasks": Reasoned(plan.max_tasks, "declared: where autoscaling ends"),
    }


def _scaling(plan: Application) -> Mapping[str, Hcl | Reasoned]:
    return {
        "cpu_percent": Reasoned(
            plan.cpu_percent, "a request then takes 2.5 times what it takes alone; at 80 %, 5 times"
        ),
        "slow_response_s": Reasoned(plan.slow_response_s, "half of the promised response time: new tasks come in time"),
        "growth_percent": Reasoned(GROWTH_PERCENT, "six steps make eleven times as many: growth is promised for ten"),
        "growth_cooldown_s": Reasoned(GROWTH_COOLDOWN_S, "one period of the metric: the step before shows"),
        "shrink_cooldown_s": Reasoned(SHRINK_COOLDOWN_S, "the default of Application Auto Scaling for ECS"),
    }


def _alarm(alarm: Alarm) -> Mapping[str, Hcl | Reasoned]:
    ratio = {"divided_by": list(alarm.divided_by)} if alarm.divided_by else {}
    return {
        "metric": alarm.metric,
        "statistic": alarm.statistic,
        "comparison": alarm.comparison,
        "threshold": Reasoned(alarm.threshold, f"objective {alarm.objective}"),
        "period_s": alarm.period_s,
        "periods": alarm.periods,
        "missing": alarm.missing,
        "reason": alarm.reason,
        **ratio,
    }
