"""The tier's own follower leaves a slot alone that has a reader, be it away at the moment."""

import psycopg
import pytest

from candlefish.changes.slot import drop, fetch_status, prepare
from candlefish.changes.source import Source
from candlefish.client.rules import make_rules
from candlefish.engines import databases
from candlefish.engines.follow import advance_idle_slots
from candlefish.engines.patroni import SUPERUSER
from candlefish.engines.stack import Stack

pytestmark = pytest.mark.live

FILLER = """
create table large as select repeat('x', 1000) from generate_series(1, 30000);
drop table large;
"""


def test_the_permanent_slot_waits_for_its_reader_until_it_is_dropped(stack: Stack) -> None:
    primary, database = stack.require_primary(), stack.plan.postgres.database
    source = Source(
        psycopg.conninfo.make_conninfo(
            host=primary.host, port=primary.port, user=SUPERUSER, password=stack.tier.secrets.superuser, dbname=database
        )
    )
    with databases.connect(primary, stack.tier.secrets, database) as connection:
        connection.execute("create table followed (id int primary key)")
        try:
            prepare(source, make_rules({"rule": [{"table": "followed", "keys": ["followed:{id}"]}]}))
            before = fetch_status(source)
            connection.execute(FILLER.encode())
            advance_idle_slots(stack.tier, primary.name)
            after = fetch_status(source)
            assert (after.exists, after.active, after.confirmed_lsn) == (True, False, before.confirmed_lsn)
            assert after.kept_bytes > after.lag_bytes > 16 << 20
            assert drop(source) == (f"slot {source.slot}", f"publication {source.publication}")
        finally:
            connection.execute(f"drop publication if exists {source.publication}")
            connection.execute("drop table if exists followed, filler")
    assert stack.plan.postgres.slots == (source.slot,)
