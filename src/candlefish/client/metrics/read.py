"""Read the statistics of clients row by row: only numbers that they have counted anyway, no lock and no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.metrics.table import Metric
from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats

Client: TypeAlias = Database | Cache


class Reading(NamedTuple):
    """One number as it is now, and what tells it from others of its name."""

    metric: Metric[Any]
    labels: dict[str, str]
    value: float


def read(clients: Mapping[str, Client], metrics: Iterable[Metric[Any]]) -> Iterator[Reading]:
    """Give what is known now of each metric, for each client by its name."""
    for name, client in clients.items():
        for stats in _stats_of(client):
            for metric in metrics:
                if isinstance(stats, metric.of) and (value := metric.read(stats)) is not None:
                    yield Reading(metric, {"client": name, **_labels_of(stats), **metric.labels}, value)


def _stats_of(client: Client) -> tuple[PoolStats | ReplicaStats | CacheStats, ...]:
    if isinstance(client, Cache):
        return (client.stats(),)
    return (*client.stats(), *client.replicas())


def _labels_of(stats: PoolStats | ReplicaStats | CacheStats) -> dict[str, str]:
    match stats:
        case PoolStats():
            return {"pool": stats.name}
        case ReplicaStats():
            return {"replica": stats.name}
        case CacheStats():
            return {}
