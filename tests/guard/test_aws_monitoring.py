from pathlib import Path

from candlefish.plan.aws.alarms import find_unseen, make_alarms
from candlefish.spec import Spec
from candlefish.spec.model_aws import ApplicationSpec

PAGE = Path(__file__).parents[2] / "docs" / "aws-monitoring.md"


def test_the_documentation_has_every_alarm_with_its_metric_and_limit() -> None:
    rows = {
        line.split("`")[1]: line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    }
    for alarm in make_alarms(Spec(application=ApplicationSpec(enabled=True))):
        assert alarm.metric in rows[alarm.name]
        assert f" {alarm.threshold:.15g} | {alarm.periods} x {alarm.period_s} s | {alarm.missing} |" in rows[alarm.name]


def test_the_documentation_has_every_objective_that_is_out_of_sight() -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page[page.index("## What CloudWatch can't see") :]
    assert all(f"`{objective}`" in section for objective in find_unseen(Spec()))
