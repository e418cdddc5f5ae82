"""Whatever made changes unreadable is told as a gap, until it has been dealt with."""

import psycopg
import pytest
from tests.live.changes.conftest import Execute
from tests.live.changes.reading import eventually, following

from candlefish.changes.slot import drop, fetch_status, prepare
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.rules import Rule, make_rules
from candlefish.engines import databases
from candlefish.engines.stack import Stack

pytestmark = pytest.mark.live


async def test_a_gap_is_told_until_it_was_dealt_with(bare: Source, rules: tuple[Rule, ...], execute: Execute) -> None:
    prepare(bare, rules)  # by a reader that was killed before it could tell
    batches = ChangeStream(bare, rules).batches()
    await anext(batches)
    await batches.aclose()
    async with following(ChangeStream(bare, rules)) as (follower, recorder):
        execute("insert into notes values ('a')")
        await eventually(lambda: recorder.keys == ["note:a"])
        assert recorder.told[0] == "gap"
        assert follower.counts.gaps == 1
    async with following(ChangeStream(bare, rules)) as (_, recorder):
        execute("insert into notes values ('b')")
        await eventually(lambda: "note:b" in recorder.keys)
        assert "gap" not in recorder.told


async def test_a_slot_that_is_dropped_is_made_anew(source: Source, rules: tuple[Rule, ...], execute: Execute) -> None:
    async with following(ChangeStream(source, rules)) as (_, recorder):
        execute("insert into notes values ('a')")
        await eventually(lambda: recorder.keys == ["note:a"])
        drop(source)
        await eventually(lambda: "gap" in recorder.told)
        execute("insert into notes values ('b')")
        await eventually(lambda: "note:b" in recorder.keys)
        assert recorder.told.index("gap") < len(recorder.told) - 1


def advance(stack: Stack) -> None:
    """Move the tier's own slots, which are to lose nothing."""
    with databases.connect(stack.require_primary(), stack.tier.secrets, stack.plan.postgres.database) as connection:
        connection.execute(
            "select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots"
            " where slot_name = any(%s) and not active",
            [list(stack.plan.postgres.slots)],
        )


async def test_a_slot_whose_wal_is_gone_is_made_anew(
    source: Source, stack: Stack, rules: tuple[Rule, ...], execute: Execute
) -> None:
    limits = {"max_slot_wal_keep_size": "64MB", "wal_keep_size": "0"}
    try:
        for name, value in limits.items():
            execute(f"alter system set {name} = '{value}'")
        execute("select pg_reload_conf()")
        for _ in range(20):
            execute("insert into notes values ('missed') on conflict do nothing")
            execute("select pg_switch_wal()")
            advance(stack)
            execute("checkpoint")
            if fetch_status(source).wal_status == "lost":
                break
        assert fetch_status(source).wal_status == "lost"
    finally:
        for name in limits:
            execute(f"alter system reset {name}")
        execute("select pg_reload_conf()")
    async with following(ChangeStream(source, rules)) as (_, recorder):
        await eventually(lambda: recorder.told == ["gap"])
        execute("insert into notes values ('b')")
        await eventually(lambda: recorder.keys == ["note:b"])


async def test_a_slot_that_somebody_moved_is_a_gap(source: Source, rules: tuple[Rule, ...], execute: Execute) -> None:
    async with following(stream := ChangeStream(source, rules)) as (_, recorder):
        execute("insert into notes values ('a')")
        await eventually(lambda: recorder.keys == ["note:a"])
    execute("insert into notes values ('missed')")
    execute("select pg_replication_slot_advance(%s, pg_current_wal_lsn())", source.slot)
    async with following(ChangeStream(source, rules, since=stream.confirmed_lsn)) as (_, recorder):
        execute("insert into notes values ('b')")
        await eventually(lambda: recorder.keys == ["note:b"])
    assert recorder.told[0] == "gap"


async def test_a_table_that_is_added_begins_with_a_gap(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    more = (*rules, *make_rules({"rule": [{"table": "unfollowed", "keys": ["more:{id}"]}]}))
    with psycopg.connect(source.conninfo) as slow:
        slow.execute("insert into unfollowed values (1)")
        async with following(ChangeStream(source, more)) as (_, recorder):
            with psycopg.connect(source.conninfo) as watch:  # the new slot waits for what is under way
                await eventually(
                    lambda: (
                        watch.execute(
                            "select 1 from pg_replication_slots where slot_name = %s", [source.slot]
                        ).fetchone()
                        is not None
                    )
                )
            slow.commit()
            execute("insert into unfollowed values (2)")
            await eventually(lambda: "more:2" in recorder.keys or recorder.told[-1:] == ["gap"])
            execute("insert into unfollowed values (3)")
            await eventually(lambda: "more:3" in recorder.keys)
            assert recorder.told[0] == "gap"
