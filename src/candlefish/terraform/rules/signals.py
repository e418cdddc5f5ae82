"""What an alarm looks at: a metric, or one metric over others, as far as the plan knows it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from candlefish.terraform.rules.finding import number
from candlefish.terraform.rules.planned import Planned, Resource

ALARM = "aws_cloudwatch_metric_alarm"

_GUARD = re.compile(r"^\s*IF\([^,]*,\s*(.*)$", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Source:
    """One metric that an alarm reads; `dimensions` are the names of those that it has."""

    namespace: str
    metric: str
    statistic: str
    period_s: float | None
    dimensions: frozenset[str]
    subject: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What is compared with the threshold: one metric, or with several of them the ratio of the first to the others."""

    alarm: Resource
    sources: tuple[Source, ...]
    ratio: bool

    @property
    def first(self) -> Source:
        """What is divided, or the only one."""
        return self.sources[0]

    @property
    def threshold(self) -> float | None:
        """In the unit of the metric; of a ratio from 0 to 1."""
        return number(self.alarm.get("threshold"))

    @property
    def upward(self) -> bool:
        """Whether a larger value is the worse one."""
        return str(self.alarm.get("comparison_operator")).startswith("Greater")


def signals(planned: Planned) -> Iterator[Signal]:
    """Give what each alarm of the plan looks at."""
    for alarm in planned.of(ALARM):
        found = _single(alarm) if alarm.get("metric_name") else _computed(alarm)
        if found is not None:
            yield found


def sources(planned: Planned) -> Iterator[tuple[Resource, Source]]:
    """Give every metric that an alarm reads, also those that only guard another."""
    for alarm in planned.of(ALARM):
        if alarm.get("metric_name"):
            yield (
                alarm,
                _source(alarm.values, alarm.get("statistic") or alarm.get("extended_statistic"), _unknown(alarm)),
            )
        for query in alarm.blocks("metric_query"):
            for metric in query.get("metric") or ():
                yield alarm, _source(metric, metric.get("stat"), _unknown(alarm))


def expressions(alarm: Resource) -> list[str]:
    """Return the expressions of an alarm whose value is compared."""
    queries = alarm.blocks("metric_query")
    return [str(query["expression"]) for query in queries if query.get("expression") and query.get("return_data")]


def words(expression: str) -> set[str]:
    """Return the names of metrics and expressions in an expression; those of functions are in capitals."""
    return {word for word in _WORD.findall(expression) if word[0].islower()}


def _single(alarm: Resource) -> Signal:
    statistic = alarm.get("statistic") or alarm.get("extended_statistic")
    return Signal(alarm, (_source(alarm.values, statistic, _unknown(alarm)),), False)


def _computed(alarm: Resource) -> Signal | None:
    found = expressions(alarm)
    by_id = {
        str(query.get("id")): _source(metric, metric.get("stat"), _unknown(alarm))
        for query in alarm.blocks("metric_query")
        for metric in query.get("metric") or ()
    }
    if len(found) != 1:
        return None
    guarded = _GUARD.match(found[0])
    above, slash, below = (guarded[1] if guarded else found[0]).partition("/")
    read = [by_id[word] for word in _in_order(above) if word in by_id]
    divisors = [by_id[word] for word in _in_order(below) if word in by_id]
    if not read or len({source.metric for source in read}) > 1:
        return None
    return Signal(alarm, (read[0], *divisors), bool(slash))


def _in_order(expression: str) -> list[str]:
    return list(dict.fromkeys(word for word in _WORD.findall(expression) if word[0].islower()))


def _source(values: Mapping[str, Any], statistic: object, unknown: frozenset[str]) -> Source:
    dimensions = values.get("dimensions") or {}
    return Source(
        str(values.get("namespace") or ""),
        str(values.get("metric_name") or ""),
        str(statistic or ""),
        number(values.get("period")),
        frozenset(dimensions) | unknown,
        json.dumps(dimensions, sort_keys=True),
    )


def _unknown(alarm: Resource) -> frozenset[str]:
    """Return the names of dimensions whose value AWS decides; "*" where not even the names are known."""
    return frozenset(_names(alarm.unknown))


def _names(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        dimensions = tree.get("dimensions")
        if dimensions is True or tree.get("metric_query") is True:
            yield "*"
        elif isinstance(dimensions, Mapping):
            yield from dimensions
        for name, inner in tree.items():
            if name != "dimensions":
                yield from _names(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _names(inner)
