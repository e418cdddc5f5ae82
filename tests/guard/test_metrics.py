"""The page on metrics has what is exported, and nothing else."""

import re
from pathlib import Path
from typing import Any

from candlefish.client.metrics.table import ATTRIBUTES, METRICS, Metric

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


def row(metric: Metric[Any]) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in metric.labels.items())
    name = f"{metric.prometheus}{{{labels}}}" if labels else metric.prometheus
    kind = metric.kind.replace("up_down_", "up-down ")
    return f"| `{name}` | `{metric.opentelemetry}` | {kind} | {metric.unit} | {metric.help} |"


def test_the_documentation_has_every_metric_as_the_table_has_it() -> None:
    assert re.findall(r"^\| `candlefish_.*$", PAGE, re.MULTILINE) == [row(metric) for metric in METRICS]


def test_the_documentation_has_every_label() -> None:
    section = PAGE[PAGE.index("## Labels") :]
    assert re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", section, re.MULTILINE) == list(ATTRIBUTES.items())


def test_an_expression_in_the_documentation_names_metrics_that_exist() -> None:
    assert set(re.findall(r"candlefish_\w+", PAGE)) == {metric.prometheus for metric in METRICS}
