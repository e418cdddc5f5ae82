"""redis-cli and redis-benchmark work against the cache."""

from collections.abc import Callable

import pytest

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

Run = Callable[..., str]


def test_redis_cli_writes_and_reads_by_url(run: Run, tier: Endpoints) -> None:
    words = ("--no-auth-warning", "-u", tier.redis_url)
    assert run("redis-cli", *words, "set", "clients:cli", "kept", "EX", "60") == "OK\n"
    assert run("redis-cli", *words, "get", "clients:cli") == "kept\n"


def test_redis_cli_takes_the_password_from_the_environment(run: Run, tier: Endpoints) -> None:
    host, port = tier.redis_endpoint.split(":")
    words = ("-h", host, "-p", port)
    assert run("redis-cli", *words, "ping", REDISCLI_AUTH=tier.redis_auth_token) == "PONG\n"
    assert "NOAUTH" in run("redis-cli", *words, "ping")


def test_redis_cli_asks_sentinel_for_the_primary(run: Run, tier: Endpoints) -> None:
    _, rest = tier.sentinel_url.rsplit("@", 1)
    hosts, service = rest.split("/")
    host, port = hosts.split(",")[0].split(":")
    words = ("-h", host, "-p", port, "sentinel", "get-master-addr-by-name", service)
    assert ":".join(run("redis-cli", *words, REDISCLI_AUTH=tier.redis_auth_token).split()) == tier.redis_endpoint


def test_redis_benchmark_finishes_pipelined(run: Run, tier: Endpoints) -> None:
    host, port = tier.redis_endpoint.split(":")
    seen = run("redis-benchmark", "-h", host, "-p", port, "-a", tier.redis_auth_token, "-t", "set,get", "-n", "2000",
               "-P", "16", "-r", "100", "--csv")  # fmt: skip
    assert '"SET"' in seen
    assert '"GET"' in seen
    assert "ERR" not in seen
