from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Gauge, InMemoryMetricReader, Metric, Sum
from tests.unit.client.metrics.clients import CACHE, POOL, REPLICA, UNSEEN, GivenCache, GivenDatabase

from candlefish.client.metrics.opentelemetry import observe_clients
from candlefish.client.metrics.read import Client

POOL_NAME = "db.client.connection.pool.name"
STATE = "db.client.connection.state"


def collect(**clients: Client) -> dict[str, Metric]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    observe_clients(provider.get_meter("candlefish"), **clients)
    data = reader.get_metrics_data()
    assert data is not None
    provider.shutdown()
    return {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}


def points(metric: Metric) -> list[tuple[dict[str, Any], float]]:
    assert isinstance(metric.data, Sum | Gauge)
    return [(dict(point.attributes or {}), point.value) for point in metric.data.data_points]


def test_a_pool_is_observed_as_the_conventions_have_it() -> None:
    seen = collect(database=GivenDatabase(POOL))
    which = {"candlefish.client": "database", POOL_NAME: "main"}
    connections = seen["db.client.connection.count"]
    assert points(connections) == [({**which, STATE: "used"}, 3), ({**which, STATE: "idle"}, 4)]
    assert connections.unit == "{connection}"
    assert points(seen["db.client.connection.pending_requests"]) == [(which, 2)]
    assert points(seen["db.client.connection.timeouts"]) == [(which, 4)]


@pytest.mark.parametrize(
    ("name", "monotonic"),
    [("db.client.connection.timeouts", True), ("db.client.connection.count", False), ("candlefish.cache.loads", True)],
)
def test_only_a_counter_is_a_sum_that_never_falls(name: str, monotonic: bool) -> None:
    data = collect(database=GivenDatabase(POOL), cache=GivenCache(CACHE))[name].data
    assert isinstance(data, Sum)
    assert data.is_monotonic is monotonic


def test_what_cannot_be_added_up_is_a_gauge() -> None:
    seen = collect(database=GivenDatabase(POOL, replicas=(REPLICA,)), cache=GivenCache(CACHE))
    for name in ("candlefish.db.connection.longest_wait", "candlefish.db.replica.lag", "candlefish.cache.circuit_open"):
        assert isinstance(seen[name].data, Gauge)


def test_what_is_not_known_of_a_replica_is_not_observed() -> None:
    seen = collect(database=GivenDatabase(POOL, replicas=(REPLICA, UNSEEN)))
    which = {"candlefish.client": "database", "candlefish.db.replica.name": "read_1"}
    assert points(seen["candlefish.db.replica.lag"]) == [(which, 0.125)]
    assert len(points(seen["candlefish.db.replica.in_rotation"])) == 2


def test_a_caches_numbers_are_observed_with_unit_and_description() -> None:
    seen = collect(cache=GivenCache(CACHE))
    assert points(seen["candlefish.cache.read"]) == [({"candlefish.client": "cache"}, 4096)]
    assert seen["candlefish.cache.read"].unit == "By"
    assert seen["candlefish.cache.away_time"].unit == "s"
    assert seen["candlefish.cache.loads"].description == "Loaders run."
    assert [value for _, value in points(seen["candlefish.cache.lookups"])] == [70, 30]
