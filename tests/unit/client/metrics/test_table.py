import re
from dataclasses import fields
from itertools import groupby
from typing import Any

import pytest
from opentelemetry.semconv._incubating.attributes import db_attributes
from opentelemetry.semconv._incubating.metrics import db_metrics

from candlefish.client.metrics.table import ATTRIBUTES, COUNTER, METRICS, Metric
from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats

BASE_UNITS = {"s": "_seconds", "By": "_bytes"}
ROWS = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.prometheus)


class Noted:
    """Remembers which fields were read."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> int:
        self.seen.add(name)
        return 1


@pytest.mark.parametrize("stats", [PoolStats, ReplicaStats, CacheStats])
def test_every_statistic_is_exported(stats: type) -> None:
    noted = Noted()
    rows: list[Metric[Any]] = [metric for metric in METRICS if metric.of is stats]
    for metric in rows:
        metric.read(noted)
    assert noted.seen == {field.name for field in fields(stats)} - {"name"}


@ROWS
def test_a_name_in_prometheus_follows_its_conventions(metric: Metric[Any]) -> None:
    name = metric.prometheus
    assert re.fullmatch(r"candlefish_(db|db_replica|cache)_[a-z_]+", name)
    assert name.endswith("_total") == (metric.kind == COUNTER)
    assert name.removesuffix("_total").endswith(BASE_UNITS.get(metric.unit, ""))
    assert not re.search(r"_(count|sum|bucket|info|created)$", name.removesuffix("_total"))


@ROWS
def test_a_name_of_opentelemetrys_own_is_one_of_its_conventions(metric: Metric[Any]) -> None:
    known = {value for value in vars(db_metrics).values() if isinstance(value, str)}
    assert metric.opentelemetry.startswith("candlefish.") or metric.opentelemetry in known


@ROWS
def test_a_name_in_opentelemetry_is_no_namespace_of_another(metric: Metric[Any]) -> None:
    assert not any(other.opentelemetry.startswith(f"{metric.opentelemetry}.") for other in METRICS)


@ROWS
def test_every_metric_says_in_a_sentence_what_it_is(metric: Metric[Any]) -> None:
    assert re.fullmatch(r"[A-Z0-9].*\.", metric.help)


def test_an_attribute_of_opentelemetrys_own_is_one_of_its_conventions() -> None:
    known = {value for value in vars(db_attributes).values() if isinstance(value, str)}
    assert {name for name in ATTRIBUTES.values() if not name.startswith("candlefish.")} <= known


def test_rows_of_one_name_stand_together_and_differ_in_their_labels_only() -> None:
    groups = [list(group) for _, group in groupby(METRICS, lambda metric: metric.prometheus)]
    assert len(groups) == len({metric.prometheus for metric in METRICS}) == len({m.opentelemetry for m in METRICS})
    for rows in groups:
        assert len({(row.opentelemetry, row.kind, row.unit, row.help) for row in rows}) == 1
        assert len({tuple(row.labels.items()) for row in rows}) == len(rows)
