"""The lab's server: it comes, it goes, and what a killed run left is removed by the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from candlefish import process
from candlefish.advise.lab.programs import find_programs
from candlefish.advise.lab.server import remove_leftovers, scratch_server
from candlefish.errors import BinaryMissing

pytestmark = pytest.mark.live

_HOLD = """
import time
from candlefish.advise.lab.server import scratch_server
with scratch_server({}) as server:
    print(server.folder, flush=True)
    time.sleep(600)
"""


def test_a_server_has_the_settings_it_was_given_listens_nowhere_and_goes_at_the_end() -> None:
    with scratch_server({"work_mem": "12345kB"}) as server:
        with psycopg.connect(server.conninfo()) as connection:
            row = connection.execute(
                "select current_setting('work_mem'), current_setting('listen_addresses')"
            ).fetchone()
        assert row == ("12345kB", "")
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    assert not server.folder.exists()
    assert not process.is_alive(pid)


def test_it_goes_although_the_block_fails() -> None:
    with pytest.raises(RuntimeError), scratch_server({}) as server:
        raise RuntimeError
    assert not server.folder.exists()


def test_what_a_killed_run_left_is_removed_by_the_next() -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLD], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        remove_leftovers()
        assert process.is_alive(pid)  # its owner lives
        os.kill(program.pid, signal.SIGKILL)
    remove_leftovers()
    assert not folder.exists()
    assert not process.is_alive(pid)


def test_the_next_newer_version_serves_and_a_version_that_is_nowhere_is_named() -> None:
    assert (find_programs(13) / "postgres").is_file()
    with pytest.raises(BinaryMissing) as raised:
        find_programs(99)
    assert "PostgreSQL 99" in raised.value.message
    assert "install postgresql-99" in raised.value.hint
