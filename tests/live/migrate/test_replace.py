"""A load changes everything or nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.stack import Stack
from candlefish.errors import UsageError
from candlefish.migrate.model import LoadReport

pytestmark = pytest.mark.live

Load = Callable[..., LoadReport]
CountRows = Callable[[str], dict[str, int]]
EndpointUrls = Callable[[Endpoints], dict[str, str]]


def write_script(path: Path, rows: int, *, end: str = "") -> Path:
    """Write a script that brings one table with some rows."""
    path.write_text(f"create table t (id int);\ninsert into t select generate_series(1, {rows});\n{end}")
    return path


def test_a_database_that_holds_something_is_not_replaced_unasked(
    load: Load, stack: Stack, tmp_path: Path, count_rows: CountRows
) -> None:
    load(write_script(tmp_path / "first.sql", 3), "kept")
    with pytest.raises(UsageError, match="holds 1 relations"):
        load(write_script(tmp_path / "second.sql", 5), "kept")
    assert count_rows(stack.endpoints("kept").main_url) == {"public.t": 3}


def test_a_replaced_database_is_the_new_one_through_every_endpoint(
    load: Load, stack: Stack, tmp_path: Path, count_rows: CountRows, endpoint_urls: EndpointUrls
) -> None:
    load(write_script(tmp_path / "first.sql", 3), "swapped")
    endpoints = endpoint_urls(stack.endpoints("swapped"))
    assert {where: count_rows(url) for where, url in endpoints.items()} == {
        where: {"public.t": 3} for where in endpoints
    }
    report = load(write_script(tmp_path / "second.sql", 5), "swapped", replace=True)
    assert report.replaced
    assert {where: count_rows(url) for where, url in endpoints.items()} == {
        where: {"public.t": 5} for where in endpoints
    }


def test_an_incomplete_copy_replaces_nothing_unless_that_is_wanted(
    load: Load, stack: Stack, tmp_path: Path, count_rows: CountRows
) -> None:
    load(write_script(tmp_path / "first.sql", 3), "guarded")
    broken = write_script(tmp_path / "broken.sql", 5, end="create table u (x no_such_type);")
    assert not load(broken, "guarded", replace=True).installed
    assert count_rows(stack.endpoints("guarded").main_url) == {"public.t": 3}
    assert load(broken, "guarded", replace=True, partial=True).installed
    assert count_rows(stack.endpoints("guarded").main_url) == {"public.t": 5}


def test_the_tiers_own_database_is_replaced_and_its_replication_slots_are_there_again(
    load: Load, stack: Stack, tmp_path: Path, count_rows: CountRows, endpoint_urls: EndpointUrls
) -> None:
    own = stack.plan.postgres.database
    slots = "select slot_name from pg_replication_slots where database = %s order by 1"
    with psycopg.connect(stack.endpoints().admin_url, dbname="postgres") as connection:
        before = connection.execute(slots, [own]).fetchall()
    report = load(write_script(tmp_path / "own.sql", 7), own, replace=True)
    assert report.notes == ()
    for url in endpoint_urls(stack.endpoints()).values():
        assert count_rows(url) == {"public.t": 7}
    for node in stack.plan.postgres.nodes:
        with databases.connect(node, stack.tier.secrets) as connection:
            assert connection.execute(slots, [own]).fetchall() == before


KILLED = """
import os, sys
from pathlib import Path
from candlefish.engines.stack import open_stack
from candlefish.engines.state import State
from candlefish.migrate.load import Order, load_database

class Told:
    def phase(self, text, total=0):
        print(text, flush=True)
    def advance(self, done):
        print("advanced", flush=True)

state, source, scratch = sys.argv[1:]
load_database(Order(source, "killed"), open_stack(State(Path(state))), scratch=Path(scratch), progress=Told())
"""


def test_a_killed_load_leaves_nothing_that_serves_and_the_next_cleans_up(
    load: Load, stack: Stack, tmp_path: Path, names: Callable[[], set[str]]
) -> None:
    slow = write_script(tmp_path / "slow.sql", 3, end="select pg_sleep(3600);")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(stack.state.root), str(slow), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    ) as victim:
        assert victim.stdout is not None
        assert any(line.startswith("advanced") for line in victim.stdout)  # the first statements have run
        os.kill(victim.pid, signal.SIGKILL)
    assert "killed__loading" in names()
    assert not {"killed", "killed__replaced"} & names()
    assert "killed" not in stack.databases()
    report = load(write_script(tmp_path / "quick.sql", 4), "killed")
    assert report.contents.rows == 4
    assert "killed__loading" not in names()
    assert list(tmp_path.glob("load-*")) == []


def test_two_loads_into_one_name_do_not_meet(load: Load, stack: Stack, tmp_path: Path) -> None:
    slow = write_script(tmp_path / "slow.sql", 3, end="select pg_sleep(3600);")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(stack.state.root), str(slow), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert any(line.startswith("advanced") for line in first.stdout)
        with pytest.raises(UsageError, match="under way"):
            load(write_script(tmp_path / "quick.sql", 4), "killed")
        process.stop(first.pid, with_signal=signal.SIGKILL)
    assert load(write_script(tmp_path / "quick.sql", 4), "killed").installed
