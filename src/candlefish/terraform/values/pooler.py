"""What pgbouncer-ecs.tf is given."""

from collections.abc import Iterable, Iterator, Mapping

from candlefish.plan.aws.application import CPU_UNITS, MIB
from candlefish.plan.aws.pooler import NLB_IDLE_S, make_pooler
from candlefish.plan.aws.scaling import scale_pooler
from candlefish.plan.model import Setting
from candlefish.spec.check_estate import DEPLOYMENT_MAX_RATIO
from candlefish.spec.model import Spec
from candlefish.terraform.value import Hcl, Reasoned, Value

IMAGE_TAG = "1"
"""The first image; a tag can't be pushed twice, so the next one is another."""


def pooler_values(spec: Spec) -> Iterator[Value]:
    """Give the size of the service, what autoscaling aims at, and PgBouncer's settings."""
    pooler = make_pooler(spec)
    yield Value("architecture", spec.aws.architecture, "declared: build the images for it")
    yield Value(
        "pgbouncer_image_tag", IMAGE_TAG, "a tag can't be pushed twice: the next goes into overrides.auto.tfvars"
    )
    yield Value("pgbouncer_tasks", pooler.tasks, "declared: in different zones")
    yield Value("pgbouncer_max_tasks", pooler.max_tasks, "declared: where autoscaling ends")
    yield Value(
        "pgbouncer_deployment_max_percent",
        DEPLOYMENT_MAX_RATIO * 100,
        f"new tasks serve before old ones go: {pooler.most_tasks} at once, for which server connections are counted",
    )
    yield Value("pgbouncer_cpu", round(pooler.vcpu * CPU_UNITS), "half a vCPU: PgBouncer has one thread")
    yield Value(
        "pgbouncer_memory", round(pooler.memory_gb * MIB), "the least for that CPU; 10,000 clients take 64 MB, measured"
    )
    yield Value("pgbouncer_port", pooler.port, "PgBouncer's own" if spec.pgbouncer.port is None else "declared")
    yield Value("pgbouncer_open_files", pooler.open_files, pooler.open_files_reason)
    yield Value("pgbouncer_idle_timeout_s", NLB_IDLE_S, "the default; PgBouncer asks silent clients long before")
    yield Value("pgbouncer_scaling", _scaling(spec), "half of what a task can do: of two, one can take over")
    yield Value("pgbouncer_settings", with_reasons(pooler.settings), "those of each task")


def with_reasons(settings: Iterable[Setting]) -> Mapping[str, Reasoned]:
    """Return settings as a map for HCL; a unit stands before its reason."""
    return {
        setting.name: Reasoned(setting.value, f"{setting.unit}: {setting.reason}" if setting.unit else setting.reason)
        for setting in settings
    }


def _scaling(spec: Spec) -> Mapping[str, Hcl | Reasoned]:
    scaling = scale_pooler(spec)
    return {
        "cpu_percent": Reasoned(scaling.cpu_percent, "half of a task"),
        "clients": Reasoned(scaling.clients, "half of what a task takes"),
        "out_cooldown_s": Reasoned(scaling.out_cooldown_s, "one period of the metrics: the step before shows"),
        "in_cooldown_s": Reasoned(scaling.in_cooldown_s, "a task that goes takes connections with it"),
    }
