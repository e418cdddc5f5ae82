"""Nothing that was committed is missed, and nothing is confirmed that has not been dealt with."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

import psycopg
import pytest
from tests.live.changes import reader_program
from tests.live.changes.conftest import Execute
from tests.live.changes.reading import eventually, following, read_count

from candlefish.changes.slot import fetch_status
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.rules import Rule

pytestmark = pytest.mark.live

ROWS = 5_000


def fetch_replies(source: Source) -> object:
    """Return when the server last heard from the slot's reader."""
    with psycopg.connect(source.conninfo) as connection:
        return connection.execute(
            "select reply_time from pg_stat_replication join pg_replication_slots on active_pid = pid"
            " where slot_name = %s",
            [source.slot],
        ).fetchone()


async def await_feedback(source: Source) -> None:
    """Wait until the server has heard from the reader twice: the second time it said what it knows now."""
    for _ in range(2):
        before = fetch_replies(source)
        await eventually(lambda: fetch_replies(source) != before)  # noqa: B023  # awaited within the turn


async def test_what_was_received_but_not_confirmed_comes_again(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    execute("insert into notes values ('a')")
    (first,) = await read_count(ChangeStream(source, rules), 1)
    execute("insert into notes values ('b')")
    again = await read_count(ChangeStream(source, rules), 2)
    assert [change.invalidations.keys for change in again] == [("note:a",), ("note:b",)]
    assert again[0] == first


async def test_the_server_is_told_of_nothing_but_what_was_confirmed(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    batches = (stream := ChangeStream(source, rules)).batches()
    with psycopg.connect(source.conninfo) as slow:
        slow.execute("insert into notes values ('slow')")  # its row stands before what is confirmed
        execute("insert into notes values ('a')")
        first = await anext(batches)
        assert isinstance(first, tuple)
        stream.confirm(first[-1].end_lsn)
        execute("insert into notes values ('b')")
        slow.commit()
    execute("insert into notes values ('c')")
    second = await anext(batches)
    assert isinstance(second, tuple)
    await await_feedback(source)
    assert first[-1].end_lsn <= fetch_status(source).confirmed_lsn < second[0].end_lsn
    stream.confirm(second[-1].end_lsn)
    await eventually(lambda: fetch_status(source).confirmed_lsn >= second[-1].end_lsn)
    await batches.aclose()


async def test_an_idle_database_keeps_no_wal_of_others(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    async with following(ChangeStream(source, rules)):
        execute("create table filler as select repeat('x', 1000) from generate_series(1, 5000)")
        with psycopg.connect(source.conninfo) as connection:
            row = connection.execute("select (pg_current_wal_lsn() - '0/0')::int8").fetchone()
        assert row is not None
        await eventually(lambda: fetch_status(source).confirmed_lsn >= row[0])


async def test_after_its_connection_was_ended_the_reader_goes_on(
    source: Source, rules: tuple[Rule, ...], execute: Execute
) -> None:
    async with following(ChangeStream(source, rules)) as (follower, recorder):
        execute("insert into notes values ('before')")
        await eventually(lambda: recorder.keys == ["note:before"])
        execute("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = %s", source.slot)
        execute("insert into notes values ('after')")
        await eventually(lambda: "note:after" in recorder.keys)
        execute("insert into notes values ('last')")
        await eventually(lambda: "note:last" in recorder.keys)
    assert "gap" not in recorder.told
    assert follower.counts.restarts >= 1


async def write_rows(source: Source) -> None:
    """Commit rows one by one from two connections, and some from one transaction that lasts."""

    def write(first: int) -> None:
        with psycopg.connect(source.conninfo, autocommit=True) as connection:
            for number in range(first, ROWS - 100, 2):
                connection.execute("insert into notes values (%s)", [f"n{number}"])

    with psycopg.connect(source.conninfo) as slow:
        slow.cursor().executemany("insert into notes values (%s)", [(f"n{n}",) for n in range(ROWS - 100, ROWS)])
        await asyncio.gather(asyncio.to_thread(write, 0), asyncio.to_thread(write, 1))


def has_grown(heard: Path, lines: int, wanted: set[str]) -> bool:
    """Tell whether a reader has told enough to be killed."""
    now = heard.read_text().splitlines()
    return len(now) >= lines + ROWS // 4 or wanted <= {*now}


async def test_a_reader_that_is_killed_again_and_again_misses_nothing(source: Source, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    heard.touch()
    arguments = (str(heard), source.conninfo, source.slot, source.publication)
    writing = asyncio.create_task(write_rows(source))
    wanted = {f"note:n{number}" for number in range(ROWS)}
    kills = 0
    while not wanted <= {*heard.read_text().splitlines()}:
        lines = len(heard.read_text().splitlines())
        reader = await asyncio.create_subprocess_exec(sys.executable, reader_program.__file__, *arguments)
        try:
            await eventually(partial(has_grown, heard, lines, wanted))
        finally:
            reader.send_signal(signal.SIGKILL)
            await reader.wait()
            kills += 1
    await writing
    assert kills > 1
    assert wanted == {*heard.read_text().splitlines()}
