"""The primary is the one that a Sentinel names; when another takes its place, callers go on there."""

import asyncio
from typing import NamedTuple

import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.redis.conftest import Server, StartServer, open_client

from candlefish.client.redis.address import parse_redis_url, parse_sentinel_url
from candlefish.client.redis.client import Redis
from candlefish.errors import CacheUnavailable

pytestmark = pytest.mark.live

PASSWORD = "secret"


class Sentinel(Server):
    """A redis-server that watches another; `options` are lines of its configuration."""

    def argv(self) -> list[str]:
        """Give the command line."""
        config = self.folder / "sentinel.conf"
        login = [f"requirepass {self.password}"] if self.password else []
        where = [f"port {self.port}", "bind 127.0.0.1", f'dir "{self.folder}"', f"logfile {self.log.name}"]
        config.write_text("\n".join([*where, *login, *self.options]))
        return ["redis-server", str(config), "--sentinel"]


class Service(NamedTuple):
    primary: Server
    replica: Server
    sentinels: list[Server]

    @property
    def url(self) -> str:
        """Return the URL of the Sentinels, after one that is gone."""
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{PASSWORD}@127.0.0.1:1,{places}/cache"


@pytest.fixture
def service(start_server: StartServer) -> Service:
    """Give a primary, a replica, and two Sentinels, of which one wants a password and one does not."""
    primary = start_server("--masterauth", PASSWORD, password=PASSWORD)
    replica = start_server("--masterauth", PASSWORD, "--replicaof", f"127.0.0.1 {primary.port}", password=PASSWORD)
    replica.until_it_says("INFO replication", "master_link_status:up")
    lines = (
        f"sentinel monitor cache 127.0.0.1 {primary.port} 1", f"sentinel auth-pass cache {PASSWORD}",
        "sentinel down-after-milliseconds cache 500", "sentinel failover-timeout cache 3000",
    )  # fmt: skip
    sentinels = [
        start_server(*lines, password=PASSWORD, kind=Sentinel),
        start_server(*lines, f"sentinel sentinel-pass {PASSWORD}", kind=Sentinel),
    ]
    for sentinel in sentinels:
        sentinel.until_it_says("SENTINEL MASTER cache", "num-other-sentinels\n1")
        sentinel.until_it_says("SENTINEL REPLICAS cache", f"{replica.port}")
    return Service(primary, replica, sentinels)


@pytest.fixture
async def redis(service: Service, opened: list[Redis]) -> Redis:
    """Give a client that knows the Sentinels."""
    return await open_client(opened, parse_sentinel_url(service.url))


async def test_a_killed_primary_is_replaced_by_the_new_one(
    redis: Redis, service: Service, eventually: Eventually
) -> None:
    await redis.call("k", "SET", "k", "v")
    assert service.primary.cli("WAIT", "1", "0") == "1"
    service.primary.kill()
    await eventually(lambda: redis.reconnects)
    assert await redis.get("k") == b"v"
    assert await redis.call("k", "SET", "k", "new") == b"OK"
    assert service.replica.cli("GET", "k") == "new"


async def test_a_hanging_primary_is_replaced_by_the_new_one(
    redis: Redis, service: Service, eventually: Eventually
) -> None:
    service.primary.stop()
    with pytest.raises(CacheUnavailable):
        await redis.get("k")
    await eventually(lambda: redis.reconnects)
    assert await redis.call("k", "SET", "k", "new") == b"OK"
    assert service.replica.cli("GET", "k") == "new"


async def test_a_write_that_meets_a_replica_is_repeated_on_the_primary(
    server: Server, start_server: StartServer, opened: list[Redis], eventually: Eventually
) -> None:
    """As behind a name or an address that follows the primary: the connection leads to what is a replica now."""
    redis = await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=30)
    other = start_server()
    server.cli("REPLICAOF", "127.0.0.1", str(other.port))
    server.until_it_says("INFO replication", "master_link_status:up")
    writing = asyncio.ensure_future(redis.call("k", "SET", "k", "v"))
    await eventually(lambda: "errorstat_READONLY:count=" in server.cli("INFO", "errorstats"))
    server.cli("REPLICAOF", "NO", "ONE")
    assert await writing == b"OK"
    assert await redis.get("k") == b"v"
    assert redis.reconnects >= 1
