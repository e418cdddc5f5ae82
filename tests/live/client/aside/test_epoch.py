"""What a promoted replica has left of the old primary is not served: deletes may be missing from it."""

from typing import TYPE_CHECKING

import pytest

from candlefish import Cache

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server, StartServer

pytestmark = pytest.mark.live


async def load() -> str:
    return "loaded"


async def test_an_entry_of_the_old_primary_is_loaded_anew(
    cache: Cache, open_cache: "OpenCache", server: "Server", start_server: "StartServer", key: str,
    eventually: "Eventually",
) -> None:  # fmt: skip
    replica = start_server()
    replica.cli("REPLICAOF", "127.0.0.1", str(server.port))
    assert await cache.set(key, "kept by the old primary")
    await eventually(lambda: replica.cli("EXISTS", key) == "1")
    replica.cli("REPLICAOF", "127.0.0.1", "1")  # the link is cut: what follows is lost
    assert await cache.delete(key)
    replica.cli("REPLICAOF", "NO", "ONE")
    promoted = await open_cache(f"redis://127.0.0.1:{replica.port}")
    assert replica.cli("EXISTS", key) == "1"
    assert await promoted.get(key) is None
    assert await promoted.get_or_load(key, load) == "loaded"
    assert await promoted.get(key) == "loaded"


async def test_a_lost_connection_to_the_same_server_costs_no_entry(
    cache: Cache, other: Cache, server: "Server", key: str, eventually: "Eventually"
) -> None:
    assert await cache.set(key, "kept")
    server.cli("CLIENT", "KILL", "TYPE", "normal")

    async def is_back() -> bool:
        return await other.get(key) == "kept" and other.stats().reconnects > 0

    await eventually(is_back)
    assert await cache.get(key) == "kept"
