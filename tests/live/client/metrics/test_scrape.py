"""What a scraper reads while the client works."""

import asyncio
import sys
import threading
import urllib.request
from collections.abc import Iterator
from typing import Self

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.parser import text_string_to_metric_families

from candlefish import Cache, Database
from candlefish.client.metrics.opentelemetry import observe_clients
from candlefish.client.metrics.prometheus import ClientCollector
from candlefish.client.metrics.read import Client
from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

MAIN = {"client": "database", "pool": "main"}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Scraper:
    """Serves clients' statistics over HTTP from a thread of its own, and reads them as Prometheus does."""

    def __init__(self, **clients: Client) -> None:
        registry = CollectorRegistry(auto_describe=True)
        registry.register(ClientCollector(**clients))
        self._server, self._thread = start_http_server(0, addr="127.0.0.1", registry=registry)

    async def scrape(self) -> Samples:
        """Ask once; the loop goes on meanwhile."""
        return await asyncio.to_thread(self.scrape_here)

    def scrape_here(self) -> Samples:
        """Ask once, and hold up this thread until the answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._server.server_port}/metrics") as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def switch_often() -> Iterator[None]:
    """Let threads take turns so often that they meet in the middle of everything."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


async def test_a_scrape_shows_what_the_clients_did(endpoints: Endpoints) -> None:
    env = endpoints.to_env()
    async with Database.from_env(env) as db, Cache.from_env(env) as cache:
        with Scraper(database=db, cache=cache) as scraper:
            before = await scraper.scrape()
            async with db.transaction():
                during = await scraper.scrape()
            await cache.delete("metrics:key")
            assert await cache.get("metrics:key") is None
            assert await cache.set("metrics:key", 1)
            assert await cache.get("metrics:key") == 1
            await cache.delete("metrics:key")
            after = await scraper.scrape()
    assert of(during, "candlefish_db_connections", state="used", **MAIN) == 1
    assert of(after, "candlefish_db_connections", state="used", **MAIN) == 0
    acquired = "candlefish_db_acquired_total"
    assert of(after, acquired, **MAIN) >= of(before, acquired, **MAIN) + 1
    for result in ("hit", "miss"):
        lookups = "candlefish_cache_lookups_total"
        labels = {"client": "cache", "result": result}
        assert of(after, lookups, **labels) == of(before, lookups, **labels) + 1


async def test_an_exporter_of_opentelemetry_reads_the_same(endpoints: Endpoints) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    async with Database.from_env(endpoints.to_env()) as db:
        observe_clients(provider.get_meter("candlefish"), database=db)
        await db.execute("select 1")
        data = await asyncio.to_thread(reader.get_metrics_data)
        stats = db.stats()
    provider.shutdown()
    assert data is not None
    metrics = {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    counted = {
        (point.attributes or {})["db.client.connection.pool.name"]: getattr(point, "value", None)
        for point in metrics["candlefish.db.connection.acquired"].data.data_points
    }
    assert counted == {pool.name: pool.acquired for pool in stats}


@pytest.mark.usefixtures("switch_often")
async def test_scrapes_from_another_thread_do_not_meet_a_pool_in_the_middle_of_a_change(endpoints: Endpoints) -> None:
    done = threading.Event()

    def scrape_on(scraper: Scraper) -> int:
        scrapes = 0
        while not done.is_set():
            scraper.scrape_here()
            scrapes += 1
        return scrapes

    async with Database(endpoints.main_url, pool_size=2) as db:
        with Scraper(database=db) as scraper:
            scrapes = asyncio.create_task(asyncio.to_thread(scrape_on, scraper))
            try:
                for _ in range(20):
                    await asyncio.gather(*(db.execute("select 1") for _ in range(200)))
            finally:
                done.set()
            assert await scrapes > 1
