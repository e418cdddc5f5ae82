"""What a committed statement makes stale, on a real server."""

from uuid import UUID

import asyncpg
import psycopg
import pytest
from tests.live.changes.conftest import Execute
from tests.live.changes.reading import names, read_count

from candlefish.changes.gap import close_gap
from candlefish.changes.slot import prepare
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.aside.template import make_writer
from candlefish.client.rules import Rule, make_rules

pytestmark = pytest.mark.live


async def test_each_statement_names_the_keys_of_its_old_and_new_rows(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute("insert into users values (1, 10, 'Ada')")
    execute("update users set visits = visits + 1")
    execute("update users set name = 'Ada L.', org_id = 11")
    execute("update users set id = 2")
    execute("delete from users")
    seen = [names(change) for change in await read_count(ChangeStream(source, rules), 5)]
    assert seen == [
        (("user:1",), ("org:10",)),
        ((), ()),
        (("user:1",), ("org:10", "org:11")),
        (("user:1", "user:2"), ("org:11",)),
        (("user:2",), ("org:11",)),
    ]


async def test_with_the_primary_key_alone_a_changed_key_gives_both(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute("insert into notes values ('a b', 'x'), ('7', repeat(md5(random()::text), 9000))")
    execute("update notes set body = body || 'y' where slug = 'a b'")
    execute("update notes set slug = 'c' where slug = '7'")
    execute("delete from notes where slug = 'c'")
    seen = [change.invalidations.keys for change in await read_count(ChangeStream(source, rules), 4)]
    assert seen == [("note:a%20b", "note:%37"), ("note:a%20b",), ("note:%37", "note:c"), ("note:c",)]


async def test_a_truncated_table_makes_everything_stale(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute("truncate unfollowed")
    execute("truncate users, unfollowed")
    (change,) = await read_count(ChangeStream(source, rules), 1)
    assert change.invalidations.everything
    assert change.invalidations.reason == "public.users was truncated"


async def test_what_was_rolled_back_or_is_not_followed_makes_nothing_stale(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    with psycopg.connect(source.conninfo) as connection:
        connection.execute("insert into users values (1, 10, 'Ada')")
        connection.rollback()
        with connection.transaction(force_rollback=True):
            connection.execute("insert into notes values ('a')")
        connection.execute("insert into notes values ('b')")
    execute("insert into unfollowed values (1)")
    execute("insert into notes values ('c')")
    seen = [change.invalidations.keys for change in await read_count(ChangeStream(source, rules), 2)]
    assert seen == [("note:b",), ("note:c",)]


async def test_changes_come_in_the_order_of_their_commits(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    with psycopg.connect(source.conninfo) as first, psycopg.connect(source.conninfo) as second:
        first.execute("insert into notes values ('first')")
        second.execute("insert into notes values ('second')")
        second.commit()
        first.execute("insert into notes values ('first again')")
        first.commit()
    changes = await read_count(ChangeStream(source, rules), 2)
    assert [change.invalidations.keys for change in changes] == [("note:second",), ("note:first", "note:first%20again")]
    assert changes[0].commit_lsn < changes[0].end_lsn <= changes[1].commit_lsn < changes[1].end_lsn
    assert changes[0].xid > changes[1].xid
    assert changes[0].committed_at <= changes[1].committed_at


async def test_a_transaction_with_too_many_keys_makes_everything_stale(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute("insert into notes select 'n' || n from generate_series(1, 1000) n")
    execute("insert into notes values ('after')")
    large, after = await read_count(ChangeStream(source, rules, most_names=500), 2)
    assert (large.rows, large.invalidations.everything, large.invalidations.keys) == (1000, True, ())
    assert after.invalidations.keys == ("note:after",)


VALUES = {
    "int2": "'-5'", "int8": "9007199254740993", "text": "'42 / x'", "varchar": "'7'", "bpchar": "'ab '", "bool": "true",
    "uuid": "'6F9619FF-8B86-D011-B42D-00C04FC964FF'", "numeric": "1.50", "float8": "0.1", "float4": "1.1",
    "date": "'2026-11-23'", "time": "'10:20:30.5'", "timestamp": "'2026-11-23 10:20:30.5'", "bytea": "'\\x00ff'",
    "timestamptz": "'2026-11-23 10:20:30.25+02'", "whole": "12", "wholer": "13", "mood": "'so so'",
}  # fmt: skip


async def test_each_type_is_written_as_the_client_writes_it(bare: Source, execute: Execute) -> None:
    execute("create domain whole as int; create domain wholer as whole; create type mood as enum ('so so')")
    columns = ", ".join(f"c_{kind} {kind}" for kind in VALUES)
    execute(f"create table typed (id int primary key, c_null text, {columns})")
    execute("alter table typed replica identity full")
    fields = ["c_null", *(f"c_{kind}" for kind in VALUES)]
    rules = make_rules({"rule": [{"table": "typed", "keys": [f"{name}:{{{name}}}" for name in fields]}]})
    prepare(bare, rules)
    close_gap(bare)
    execute(f"insert into typed values (1, null, {', '.join(VALUES.values())})")
    (change,) = await read_count(ChangeStream(bare, rules), 1)
    parts = psycopg.conninfo.conninfo_to_dict(bare.conninfo)
    connection = await asyncpg.connect(
        host=str(parts["host"]), port=int(str(parts["port"])), user=str(parts["user"]),
        password=str(parts["password"]), database=str(parts["dbname"]),
    )  # fmt: skip
    row = await connection.fetchrow("select * from typed")
    await connection.close()
    assert row is not None
    values = {**row, "c_uuid": UUID(str(row["c_uuid"]))}  # asyncpg's own type is a subclass of it
    assert change.invalidations.keys == tuple(make_writer(f"{name}:{{}}")(values[name]) for name in fields)


async def test_a_partitioned_table_is_followed_under_its_own_name(bare: Source, execute: Execute) -> None:
    execute("create table parted (id int primary key) partition by range (id)")
    execute("create table parted_low partition of parted for values from (0) to (10)")
    execute("create table parted_high partition of parted for values from (10) to (20)")
    rules = make_rules({"rule": [{"table": "parted", "keys": ["part:{id}"]}]})
    prepare(bare, rules)
    close_gap(bare)
    execute("insert into parted values (1), (11)")
    execute("update parted set id = 12 where id = 1")
    seen = [change.invalidations.keys for change in await read_count(ChangeStream(bare, rules), 2)]
    assert seen == [("part:1", "part:11"), ("part:1", "part:12")]
