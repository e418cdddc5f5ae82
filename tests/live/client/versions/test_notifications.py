"""LISTEN on a direct connection to each version."""

import psycopg
import pytest
from tests.live.client.versions.servers import Servers

from candlefish import Database

pytestmark = pytest.mark.live


async def test_a_notification_arrives_with_its_channel_and_payload(servers: Servers) -> None:
    async with (
        Database(servers.primary_url, session_url=servers.primary_url) as db,
        db.listen("shelf") as notifications,
    ):
        await db.execute("select pg_notify('shelf', 'one')")
        first = await anext(aiter(notifications))
        assert (first.channel, first.payload) == ("shelf", "one")


async def test_a_listener_whose_connection_is_killed_is_told_and_hears_on(servers: Servers) -> None:
    async with (
        Database(servers.primary_url, session_url=servers.primary_url) as db,
        db.listen("shelf") as notifications,
    ):
        heard = aiter(notifications)
        kill_listeners(servers)
        assert (await anext(heard)).payload is None
        await db.execute("select pg_notify('shelf', 'two')")
        assert (await anext(heard)).payload == "two"


def kill_listeners(servers: Servers) -> None:
    with psycopg.connect(servers.primary_url, autocommit=True) as admin:
        killed = admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'")
        assert killed.fetchall() == [(True,)]
