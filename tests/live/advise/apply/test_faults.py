"""A server that dies, and a disk that is full, in the middle of a build."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.live.advise.apply.conftest import SETUP
from tests.live.advise.apply.dump import dump_schema
from tests.live.advise.apply.killing import command, transaction, wait_until
from tests.live.advise.apply.test_apply import PATIENT, Advised, Indexes

from candlefish import process
from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.journal import entries
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table
from candlefish.errors import EngineError

pytestmark = pytest.mark.live


def test_a_killed_server_leaves_nothing_that_the_next_command_does_not_mend() -> None:
    with scratch_server({"synchronous_commit": "on"}) as server:  # as a user's server: what was done outlives its death
        dsn = server.conninfo()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SETUP)
            index = Index(Table("public", "orders"), (Key("customer"),))
            one = recommend(index, Proof(size_bytes=0, confidence="low", measured=False), load_catalog(connection))
        start = dump_schema(server, dsn)
        kill_during_build(server, dsn, one)
        with psycopg.connect(dsn, autocommit=True) as connection:
            assert names_of_invalid(connection) == [(one.name,)]
            assert undo(dsn, PATIENT).mended
            assert names_of_invalid(connection) == []
            assert dump_schema(server, dsn) == start
            assert [entry.state for entry in entries(connection, "building", "undoing", "built")] == []


def kill_during_build(server: ScratchServer, dsn: str, one: Recommendation) -> None:
    """Kill every process of a server while a client builds an index in it, and start it again."""
    pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    with subprocess.Popen(command(dsn, "apply", one), stderr=subprocess.DEVNULL) as program:
        try:
            with transaction(dsn), psycopg.connect(dsn, autocommit=True) as connection:
                wait_until(lambda: names_of_invalid(connection) == [(one.name,)])
                os.kill(pid, signal.SIGSTOP)  # so that none of them ends of itself, and lets the build go on
                for each in (*psutil.Process(pid).children(), psutil.Process(pid)):
                    each.kill()
                wait_until(lambda: not process.is_alive(pid))
                raise psycopg.OperationalError
        except psycopg.OperationalError:
            pass
        assert program.wait(timeout=60) != 0
    control: list[str | Path] = [server.programs / "pg_ctl", "-D", server.folder / "data"]
    control += ["-l", server.folder / "log", "-w", "start"]
    wait_until(lambda: process.run(control, user=process.service_user(), cwd=server.folder).returncode == 0, 60)


def names_of_invalid(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
    ).fetchall()


@contextmanager
def small_disk() -> Iterator[Path]:
    """Give a folder on a disk of 3 MB that PostgreSQL may write to; skip where none may be mounted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        done = process.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=777", "tmpfs", folder])
        if done.returncode:
            pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
        try:
            place = folder / "space"
            place.mkdir()
            process.run(["chown", process.service_user() or str(os.getuid()), place])
            yield place
        finally:
            process.run(["umount", "--lazy", folder])


def test_a_full_disk_leaves_nothing_behind(
    server: ScratchServer, dsn: str, connection: Connection, advised: Advised, indexes: Indexes
) -> None:
    before, start = indexes(), dump_schema(server, dsn)
    one = replace(advised("orders", "note", "id"), size_bytes=4_500_000)
    with small_disk() as place:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        try:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET default_tablespace = small".encode())
            with pytest.raises(EngineError) as raised:
                apply(dsn, [one], PATIENT)
        finally:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} RESET default_tablespace".encode())
        assert raised.value.message == f"could not build public.{one.name}: the disk is full"
        assert "No space left on device" in raised.value.detail
        assert "needs about 4.292 MB of disk for the index" in raised.value.detail
        assert "make room" in raised.value.hint
        assert (indexes(), dump_schema(server, dsn)) == (before, start)
        assert [entry.state for entry in entries(connection, "failed")] == ["failed"]
        with psycopg.connect(dsn, autocommit=True) as fresh:
            fresh.execute("DROP SCHEMA candlefish CASCADE")  # the journal was made in the small space too
            fresh.execute("DROP TABLESPACE small")
