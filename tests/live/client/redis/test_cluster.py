"""A cluster: every node has its own connection, and moved slots are followed."""

import asyncio

import pytest
from tests.live.client.conftest import Eventually
from tests.live.client.redis.conftest import NODE, Server, StartServer, join, open_client

from candlefish.client.redis.address import parse_cluster_url
from candlefish.client.redis.client import Redis, Script
from candlefish.client.redis.slots import slot_of
from candlefish.errors import CacheUnavailable

pytestmark = pytest.mark.live

KEYS = [f"k{number}" for number in range(300)]


async def _fill(redis: Redis) -> None:
    await asyncio.gather(*[redis.call(key, "SET", key, key) for key in KEYS])


async def _move_slots(known: Server, target: Server) -> None:
    await asyncio.to_thread(
        join,
        "reshard", f"127.0.0.1:{known.port}", "--cluster-from", "all",
        "--cluster-to", target.cli("CLUSTER", "MYID"), "--cluster-slots", "4000",
    )  # fmt: skip


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
    await _move_slots(cluster[0], cluster[2])
    assert await _right(cluster_client)
    await _fill(cluster_client)
    assert await _right(cluster_client)


@pytest.mark.slow
async def test_callers_notice_nothing_while_slots_move_to_a_new_node(
    cluster_client: Redis, cluster: list[Server], start_server: StartServer
) -> None:
    await _fill(cluster_client)
    new = start_server(*NODE)
    await asyncio.to_thread(join, "add-node", f"127.0.0.1:{new.port}", f"127.0.0.1:{cluster[0].port}")
    for node in cluster:
        node.until_it_says("CLUSTER INFO", "cluster_known_nodes:4")
    new.until_it_says("CLUSTER INFO", "cluster_state:ok")
    moving = asyncio.create_task(_move_slots(cluster[0], new))
    while not moving.done():
        assert await _right(cluster_client)
        await _fill(cluster_client)
    await moving
    assert await _right(cluster_client)
    assert int(new.cli("DBSIZE")) > 0


async def test_a_command_whose_keys_are_at_both_ends_of_a_moving_slot_waits_for_the_rest(
    cluster_client: Redis, cluster: list[Server], eventually: Eventually
) -> None:
    here, there = "{tag}here", "{tag}there"
    slot = str(slot_of(here))
    source = next(node for node in cluster if node.cli("MSET", here, "1", there, "2") == "OK")
    target = next(node for node in cluster if node is not source)
    target.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", source.cli("CLUSTER", "MYID"))
    source.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", target.cli("CLUSTER", "MYID"))
    source.cli("MIGRATE", "127.0.0.1", str(target.port), there, "0", "5000")
    both = Script("return redis.call('MGET', KEYS[1], KEYS[2])")
    reading = asyncio.create_task(cluster_client.eval(both, [here, there], []))
    await eventually(lambda: "errorstat_TRYAGAIN:count=" in source.cli("INFO", "errorstats"))
    source.cli("MIGRATE", "127.0.0.1", str(target.port), here, "0", "5000")
    assert await reading == [b"1", b"2"]


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


@pytest.mark.slow
async def test_a_replica_that_takes_over_is_found_and_watchers_are_woken(
    start_server: StartServer, opened: list[Redis], eventually: Eventually
) -> None:
    nodes = [start_server(*NODE) for _ in range(6)]
    join("create", *[f"127.0.0.1:{node.port}" for node in nodes], "--cluster-replicas", "1")
    for node in nodes:
        node.until_it_says("CLUSTER INFO", "cluster_state:ok")
        node.until_it_says("INFO replication", "link_status:up" if "slave" in node.cli("ROLE") else "state=online")
    redis = await open_client(opened, parse_cluster_url(f"redis+cluster://127.0.0.1:{nodes[0].port}"))
    await _fill(redis)
    lost = next(node for node in nodes[1:] if "master" in node.cli("ROLE"))
    lost.cli("WAIT", "1", "0")
    theirs = [key for key in KEYS if lost.cli("EXISTS", key) == "1"]
    woken = asyncio.Event()
    redis.listen(theirs[0], woken.set)
    await redis.eval(Script("return redis.call('GET', KEYS[1])"), [theirs[0]], [], watch=True)
    lost.kill()
    async with asyncio.timeout(30):
        await woken.wait()

    async def served() -> bool:
        outcomes = await asyncio.gather(*[_get(redis, key) for key in theirs], return_exceptions=True)
        return outcomes == [key.encode() for key in theirs]

    async def only_the_living_are_known() -> bool:
        (outcome,) = await asyncio.gather(redis.ping(), return_exceptions=True)
        return outcome is None

    await eventually(served)
    await eventually(only_the_living_are_known)
    assert redis.away_s > 0


async def test_a_node_that_hangs_takes_only_its_own_keys(cluster: list[Server], opened: list[Redis]) -> None:
    url = f"redis+cluster://127.0.0.1:{cluster[0].port},127.0.0.1:{cluster[2].port}"
    redis = await open_client(opened, parse_cluster_url(url), timeout_s=0.3)
    theirs = {key for key in KEYS if "MOVED" not in cluster[1].cli("EXISTS", key)}
    cluster[1].stop()
    for key in KEYS:
        try:
            assert await redis.get(key) is None
        except CacheUnavailable:
            assert key in theirs
    assert redis.up


async def _get(redis: Redis, key: str) -> bytes | None:
    return await redis.get(key)
