"""A cluster: every node has its own connection, and moved slots are followed."""

import asyncio
import subprocess

import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.redis.conftest import Server

from candlefish.client.redis.client import Redis, Script
from candlefish.client.redis.slots import slot_of
from candlefish.errors import CacheUnavailable

pytestmark = pytest.mark.live

KEYS = [f"k{number}" for number in range(300)]


async def _fill(redis: Redis) -> None:
    await asyncio.gather(*[redis.call(key, "SET", key, key) for key in KEYS])


async def _right(redis: Redis) -> bool:
    return await asyncio.gather(*[redis.get(key) for key in KEYS]) == [key.encode() for key in KEYS]


async def test_keys_of_every_node_are_read_and_written(cluster_client: Redis, cluster: list[Server]) -> None:
    await _fill(cluster_client)
    assert await _right(cluster_client)
    assert sum(int(node.cli("DBSIZE")) for node in cluster) == len(KEYS)
    assert all(int(node.cli("DBSIZE")) > 0 for node in cluster)
    await cluster_client.ping()


async def test_a_script_runs_where_its_keys_are(cluster_client: Redis) -> None:
    script = Script("redis.call('SET', KEYS[2], ARGV[1]) return redis.call('GET', KEYS[1])")
    for key in KEYS[:30]:
        assert await cluster_client.eval(script, [key, f"{{{key}}}~beside"], [key]) is None
        assert await cluster_client.get(f"{{{key}}}~beside") == key.encode()


async def test_slots_that_moved_are_followed(cluster_client: Redis, cluster: list[Server]) -> None:
    await _fill(cluster_client)
    target = cluster[2].cli("CLUSTER", "MYID")
    await asyncio.to_thread(
        subprocess.run,
        ["redis-cli", "--cluster", "reshard", f"127.0.0.1:{cluster[0].port}", "--cluster-from", "all",
         "--cluster-to", target, "--cluster-slots", "4000", "--cluster-yes"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert await _right(cluster_client)
    await _fill(cluster_client)
    assert await _right(cluster_client)


async def test_a_slot_on_its_way_is_asked_for_at_both_ends(cluster_client: Redis, cluster: list[Server]) -> None:
    here, there = "{tag}here", "{tag}there"
    slot = str(slot_of(here))
    source = next(node for node in cluster if node.cli("SET", here, "1") == "OK")
    target = next(node for node in cluster if node is not source)
    assert source.cli("SET", there, "2") == "OK"
    target.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", source.cli("CLUSTER", "MYID"))
    source.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", target.cli("CLUSTER", "MYID"))
    source.cli("MIGRATE", "127.0.0.1", str(target.port), there, "0", "5000")
    values = await asyncio.gather(cluster_client.get(here), cluster_client.get(there))
    assert list(values) == [b"1", b"2"]
    assert await cluster_client.call(there, "STRLEN", there) == 1
    assert await cluster_client.eval(Script("return redis.call('GET', KEYS[1])"), [there], []) == b"2"


async def test_a_node_that_dies_takes_only_its_own_keys(
    cluster_client: Redis, cluster: list[Server], eventually: Eventually
) -> None:
    await _fill(cluster_client)
    theirs = {key for key in KEYS if cluster[1].cli("EXISTS", key) == "1"}
    cluster[1].kill()
    for key in KEYS:
        try:
            value = await cluster_client.get(key)
        except CacheUnavailable:
            assert key in theirs
        else:
            assert value == key.encode()
            assert key not in theirs
    assert cluster_client.up
    cluster[1].start()

    async def served_again() -> bool:
        outcome = (await asyncio.gather(_get(cluster_client, min(theirs)), return_exceptions=True))[0]
        return outcome is None

    await eventually(served_again)


async def _get(redis: Redis, key: str) -> bytes | None:
    return await redis.get(key)
