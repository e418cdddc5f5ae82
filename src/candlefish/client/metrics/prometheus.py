"""The client's statistics in a Prometheus registry."""

from collections.abc import Iterable

from candlefish.client.metrics.read import Client, read
from candlefish.client.metrics.table import COUNTER, METRICS
from candlefish.errors import UsageError

try:
    import prometheus_client
    from prometheus_client.registry import Collector
except ImportError as error:
    raise UsageError(
        "candlefish.client.metrics.prometheus needs prometheus-client, which is not installed",
        hint='pip install "candlefish[metrics]"',
    ) from error


class ClientCollector(Collector):
    """Collect the statistics of each Database and Cache given; its keyword becomes the label `client`.

    `REGISTRY.register(ClientCollector(database=db, cache=cache))`. Counts are read when the registry is asked, from
    whatever thread.
    """

    def __init__(self, **clients: Client) -> None:
        self._clients = clients

    def collect(self) -> Iterable[prometheus_client.Metric]:
        """Give every metric of which something is known."""
        families: dict[str, prometheus_client.Metric] = {}
        for metric, labels, value in read(self._clients, METRICS):
            name = metric.prometheus
            if name not in families:
                kind = COUNTER if metric.kind == COUNTER else "gauge"
                families[name] = prometheus_client.Metric(name.removesuffix("_total"), metric.help, kind)
            families[name].add_sample(name, labels, value)
        return families.values()
