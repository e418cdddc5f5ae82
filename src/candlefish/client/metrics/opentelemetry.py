"""The client's statistics as observable instruments of OpenTelemetry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from candlefish.client.metrics.read import Client, read
from candlefish.client.metrics.table import ATTRIBUTES, COUNTER, GAUGE, LEVEL, METRICS, Metric
from candlefish.errors import UsageError

try:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation
except ImportError as error:
    raise UsageError(
        "candlefish.client.metrics.opentelemetry needs opentelemetry-api, which is not installed",
        hint='pip install "candlefish[metrics]"',
    ) from error


def observe_clients(meter: Meter, /, **clients: Client) -> None:
    """Observe the statistics of each Database and Cache given; its keyword becomes the attribute `candlefish.client`.

    `observe_clients(get_meter("candlefish"), database=db, cache=cache)`, once for a meter: instruments stay until the
    process ends. Counts are read when the reader collects, from whatever thread.
    """
    create = {
        COUNTER: meter.create_observable_counter,
        LEVEL: meter.create_observable_up_down_counter,
        GAUGE: meter.create_observable_gauge,
    }
    for name, group in groupby(METRICS, lambda metric: metric.opentelemetry):
        rows = tuple(group)
        create[rows[0].kind](name, [_callback(rows, clients)], unit=rows[0].unit, description=rows[0].help)


def _callback(
    metrics: Sequence[Metric[Any]], clients: Mapping[str, Client]
) -> Callable[[CallbackOptions], Iterator[Observation]]:
    def observe(_: CallbackOptions) -> Iterator[Observation]:
        for reading in read(clients, metrics):
            yield Observation(reading.value, {ATTRIBUTES[label]: value for label, value in reading.labels.items()})

    return observe
