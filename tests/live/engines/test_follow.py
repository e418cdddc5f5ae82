"""A second follower, run here, comes to the same conclusions as the tier's own, and disturbs nothing."""

import asyncio
import contextlib
import os
import signal

import pytest

from candlefish import process
from candlefish.engines import databases, repair
from candlefish.engines.events import load_events
from candlefish.engines.follow import advance_idle_slots, load_follower, make_routes
from candlefish.engines.redis import fetch_primary
from candlefish.engines.redis_launcher import choose_primary, load_fleet
from candlefish.engines.stack import Stack
from candlefish.engines.status import fetch_status


async def test_what_it_sees_agrees_with_patroni_and_sentinel(stack: Stack) -> None:
    follower = load_follower(stack.state)
    task = asyncio.create_task(follower.run())
    await asyncio.to_thread(
        process.wait_until, lambda: bool(follower.redis_primary and follower.rotation and follower.pids), timeout_s=20
    )
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    for observer in follower.observers:
        await observer.close()
    redis_primary = fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    assert follower.primary == stack.require_primary().name
    assert {follower.primary, *follower.rotation} == {node.name for node in stack.plan.postgres.nodes}
    assert redis_primary is not None
    assert follower.redis_primary == redis_primary.name
    assert fetch_status(stack).is_whole


def test_a_slot_without_a_reader_keeps_no_wal(stack: Stack) -> None:
    primary = stack.require_primary()
    with databases.connect(primary, stack.tier.secrets, "candlefish") as connection:
        connection.execute("create table if not exists filler (t text)")
        connection.execute("insert into filler select repeat('x', 1000) from generate_series(1, 30000)")
        connection.execute("drop table filler")
    advance_idle_slots(stack.tier, primary.name)
    with databases.connect(primary, stack.tier.secrets, "candlefish") as connection:
        behind = connection.execute(
            "select pg_current_wal_lsn() - confirmed_flush_lsn from pg_replication_slots where slot_type = 'logical'"
        ).fetchall()
    assert len(behind) == len(stack.plan.postgres.slots)
    assert all(int(str(row[0])) < 32 << 20 for row in behind)


def test_a_route_leads_every_endpoint_somewhere(stack: Stack) -> None:
    routes = make_routes(stack.tier, "pg2", ("pg3",))
    assert routes.primary.host == "127.0.1.2"
    assert [replica.host for replica in routes.replicas if replica] == ["127.0.1.1", "127.0.1.3"]
    assert [address.host for address in routes.in_rotation] == ["127.0.1.3"]


def test_a_redis_that_starts_follows_whoever_the_sentinels_name(stack: Stack) -> None:
    primary = fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    assert primary is not None
    replica = next(node for node in stack.plan.redis.nodes if node != primary)
    assert choose_primary(load_fleet(stack.state.root, replica.name)) == (primary.host, primary.port)


async def test_a_replica_that_patroni_cannot_start_is_copied_anew(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "GIVE_UP_S", 3.0)
    primary = stack.require_primary()
    replica = next(node for node in stack.plan.postgres.nodes if node != primary)
    data = stack.state.data / replica.name
    (data / "global/pg_filenode.map").write_bytes(b"")
    os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    follower = load_follower(stack.state)
    task = asyncio.create_task(follower.run())
    try:
        copied = await asyncio.to_thread(
            process.wait_until,
            lambda: any("copied anew" in event.message for event in load_events(stack.state, 50)),
            timeout_s=60,
        )
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        for observer in follower.observers:
            await observer.close()
    assert copied
    assert await asyncio.to_thread(
        process.wait_until, lambda: fetch_status(stack).is_whole, timeout_s=90, poll_s=0.5
    ), fetch_status(stack).verdict
