import math

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tests.unit.client.metrics.clients import CACHE, POOL, REPLICA, UNSEEN, GivenCache, GivenDatabase

from candlefish import Cache, Database
from candlefish.client.metrics.prometheus import ClientCollector
from candlefish.client.metrics.read import Client


def scrape(**clients: Client) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=True)
    registry.register(ClientCollector(**clients))
    return registry


def test_a_pools_numbers_are_given_with_its_name() -> None:
    registry = scrape(database=GivenDatabase(POOL))
    labels = {"client": "database", "pool": "main"}
    assert registry.get_sample_value("candlefish_db_connections", {**labels, "state": "used"}) == 3
    assert registry.get_sample_value("candlefish_db_connections", {**labels, "state": "idle"}) == 4
    assert registry.get_sample_value("candlefish_db_pending_requests", labels) == 2
    assert registry.get_sample_value("candlefish_db_acquire_timeouts_total", labels) == 4
    assert registry.get_sample_value("candlefish_db_wait_seconds_total", labels) == 1.5
    assert registry.get_sample_value("candlefish_db_prepared", labels) == 1


def test_a_replicas_numbers_are_given_with_its_name() -> None:
    registry = scrape(database=GivenDatabase(POOL, replicas=(REPLICA, UNSEEN)))
    labels = {"client": "database", "replica": "read_1"}
    assert registry.get_sample_value("candlefish_db_replica_lag_seconds", labels) == 0.125
    assert registry.get_sample_value("candlefish_db_replica_replayed_bytes", labels) == 50331648
    assert registry.get_sample_value("candlefish_db_replica_reads_total", labels) == 80


def test_what_is_not_known_of_a_replica_is_left_out() -> None:
    registry = scrape(database=GivenDatabase(POOL, replicas=(UNSEEN,)))
    labels = {"client": "database", "replica": "read_2"}
    assert registry.get_sample_value("candlefish_db_replica_in_rotation", labels) == 0
    assert registry.get_sample_value("candlefish_db_replica_lag_seconds", labels) is None
    assert registry.get_sample_value("candlefish_db_replica_replayed_bytes", labels) is None


def test_a_caches_lookups_are_told_apart_by_their_result() -> None:
    registry = scrape(cache=GivenCache(CACHE))
    for result, count in (("hit", 70), ("miss", 30)):
        labels = {"client": "cache", "result": result}
        assert registry.get_sample_value("candlefish_cache_lookups_total", labels) == count
    assert registry.get_sample_value("candlefish_cache_circuit_open", {"client": "cache"}) == 1
    assert registry.get_sample_value("candlefish_cache_read_bytes_total", {"client": "cache"}) == 4096


def test_several_clients_are_told_apart_by_the_names_they_were_given() -> None:
    registry = scrape(orders=GivenDatabase(POOL), users=GivenDatabase(POOL), sessions=GivenCache(CACHE))
    for client in ("orders", "users"):
        assert registry.get_sample_value("candlefish_db_acquired_total", {"client": client, "pool": "main"}) == 100
    assert registry.get_sample_value("candlefish_cache_loads_total", {"client": "sessions"}) == 25


def test_a_second_collector_of_the_same_kind_of_client_is_refused_by_the_registry() -> None:
    registry = scrape(orders=GivenDatabase(POOL))
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(ClientCollector(users=GivenDatabase(POOL)))


def test_the_text_that_is_scraped_can_be_parsed_again() -> None:
    registry = scrape(database=GivenDatabase(POOL, replicas=(REPLICA, UNSEEN)), cache=GivenCache(CACHE))
    families = {family.name: family for family in text_string_to_metric_families(generate_latest(registry).decode())}
    assert families["candlefish_db_wait_seconds"].type == "counter"
    assert families["candlefish_db_connections"].type == "gauge"
    assert families["candlefish_db_connections"].documentation == "Open connections."
    assert all(math.isfinite(sample.value) for family in families.values() for sample in family.samples)


def test_clients_that_were_never_opened_have_counted_nothing() -> None:
    address = "127.0.0.1:1"
    registry = scrape(database=Database(f"postgresql://app@{address}/app"), cache=Cache(f"redis://{address}"))
    assert registry.get_sample_value("candlefish_db_acquired_total", {"client": "database", "pool": "main"}) == 0
    assert registry.get_sample_value("candlefish_db_prepared", {"client": "database", "pool": "main"}) is None
    assert registry.get_sample_value("candlefish_cache_lookups_total", {"client": "cache", "result": "hit"}) == 0
