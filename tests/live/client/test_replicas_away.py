"""`Database` when a server cannot be reached."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from candlefish import Database, Unavailable, WriteUnknown
from candlefish.endpoints import Endpoints

if TYPE_CHECKING:
    from tests.live.client.conftest import Eventually, OpenProxy

NOBODY_LISTENS = "postgresql://nobody:x@127.0.0.1:1/nothing"
WHERE = "select host(inet_server_addr())"


async def test_a_dead_replica_is_left_out(endpoints: Endpoints) -> None:
    endpoints = replace(endpoints, read_urls=(NOBODY_LISTENS, endpoints.read_urls[0]))
    async with Database.from_env(endpoints.to_env()) as db:
        assert len({await db.fetchval(WHERE) for _ in range(20)}) == 1
        dead = db.stats()[1]
        assert dead.connects == 0
        assert not db.replicas()[0].in_rotation


async def test_reads_go_to_the_primary_when_no_replica_works(endpoints: Endpoints) -> None:
    async with Database(endpoints.main_url, read_urls=[NOBODY_LISTENS, NOBODY_LISTENS]) as db:
        assert await db.fetchval("select pg_is_in_recovery()") is False


async def test_reads_in_flight_on_a_dying_replica_are_repeated_elsewhere(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    async with Database(endpoints.main_url, read_urls=[proxy.url, endpoints.read_urls[1]], pool_size=20) as db:
        reads = [asyncio.ensure_future(db.fetchval("select 7 from pg_sleep(0.5)")) for _ in range(20)]
        await eventually(lambda: db.stats()[1].in_use >= 10)
        await proxy.die()
        assert await asyncio.gather(*reads) == [7] * 20


async def test_a_replica_that_returns_takes_its_share_again(
    endpoints: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(endpoints.read_urls[0])
    async with Database(endpoints.main_url, read_urls=[proxy.url, endpoints.read_urls[1]]) as db:
        both = {await db.fetchval(WHERE) for _ in range(10)}
        await proxy.die()
        assert len({await db.fetchval(WHERE) for _ in range(10)}) == 1
        await proxy.come_back()

        async def shared() -> bool:
            return {await db.fetchval(WHERE) for _ in range(10)} == both

        await eventually(shared)


async def test_a_write_is_not_repeated_when_its_answer_is_lost(
    database: Endpoints, open_proxy: "OpenProxy", eventually: "Eventually"
) -> None:
    proxy = await open_proxy(database.main_url)
    async with Database(proxy.url) as db:
        await db.execute("create table shelf (id serial)")
        writing = asyncio.ensure_future(db.execute("insert into shelf select from pg_sleep(0.5)"))
        await eventually(lambda: db.stats()[0].in_use)
        await asyncio.sleep(0.1)
        await proxy.die()
        with pytest.raises(WriteUnknown):
            await writing
        await proxy.come_back()
        assert await db.fetchval("select count(*) from shelf", primary=True) <= 1


async def test_a_primary_that_cannot_be_reached_is_said_at_once() -> None:
    with pytest.raises(Unavailable, match="main took no connection: the connection to the database failed"):
        async with Database(NOBODY_LISTENS):
            pass


async def test_a_primary_that_answers_nothing_is_given_up_in_time(
    endpoints: Endpoints, open_proxy: "OpenProxy"
) -> None:
    proxy = await open_proxy(endpoints.main_url)
    proxy.fall_silent()
    with pytest.raises(Unavailable, match="took no connection in 0"):
        async with Database(proxy.url, acquire_timeout_s=0.3):
            pass


async def test_a_wrong_password_is_said(endpoints: Endpoints) -> None:
    user, _, rest = endpoints.main_url.partition("@")
    with pytest.raises(Unavailable, match=r"main took no connection: .*(password|SASL|auth)"):
        async with Database(f"{user.rpartition(':')[0]}:wrong@{rest}"):
            pass
