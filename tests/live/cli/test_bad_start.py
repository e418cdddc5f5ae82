"""What keeps a tier from starting is named in one error with a hint, and nothing is left running."""

import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from candlefish import process
from candlefish.engines.binaries import find_pgbouncer
from candlefish.engines.orphans import find_orphans
from candlefish.engines.state import State, state_root

CANDLEFISH = Path(sys.executable).parent / "candlefish"
Run = Callable[..., subprocess.CompletedProcess[str]]

NAME = "candlefish-bad"
PORT_BASE = 8600
UP = ("up", "--name", NAME, "--port-base", str(PORT_BASE), "--light")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Fail when a test leaves a process of the tier behind."""
    state = State(state_root() / NAME)
    yield
    left = [orphan.name() for orphan in find_orphans(state)]
    shutil.rmtree(state.root, ignore_errors=True)
    assert not left


def in_private_mounts(*commands: str) -> list[str]:
    """Give the words that run `candlefish up` after some mounts that nobody else sees."""
    up = shlex.join([str(CANDLEFISH), *UP])
    return ["unshare", "--mount", "sh", "-ec", "; ".join([*commands, f"exec {up}"])]


def run(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180)


def assert_one_error(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One error that names the thing, a hint, exit code 3."""
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("candlefish: ") == 1, done.stderr
    assert "hint: " in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_a_taken_port_names_who_listens_there(candlefish: Run) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", PORT_BASE))
        listener.listen()
        done = candlefish(*UP)
    assert_one_error(done, str(PORT_BASE), f"pid {os.getpid()}")


@needs_root
def test_a_missing_binary_is_named(tmp_path: Path) -> None:
    etcd = process.find_binary("etcd")
    assert_one_error(run(in_private_mounts(f"mount --bind /dev/null {etcd}"), tmp_path), "etcd", "candlefish setup")


@needs_root
def test_a_missing_pgbouncer_is_named(tmp_path: Path) -> None:
    hidden = [
        f"mount --bind /dev/null {path}" for path in {find_pgbouncer()[0], Path("/usr/sbin/pgbouncer")} if path.exists()
    ]
    assert_one_error(run(in_private_mounts(*hidden), tmp_path), "pgbouncer", "candlefish setup")


@needs_root
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    root = state_root()
    done = run(in_private_mounts(f"mount -t tmpfs -o size=40m tmpfs {root}"), tmp_path)
    assert_one_error(done, "room", str(root))


@needs_root
def test_a_read_only_state_folder_is_named(tmp_path: Path) -> None:
    root = state_root()
    done = run(in_private_mounts(f"mount --bind {root} {root}", f"mount -o remount,ro,bind {root}"), tmp_path)
    assert_one_error(done, "state folder", str(root))


def test_a_tier_that_never_was_is_named(candlefish: Run) -> None:
    done = candlefish("status", "--name", "never-was")
    assert_one_error(done, "never-was", "candlefish up")


def test_an_unknown_command_gets_a_suggestion(candlefish: Run) -> None:
    done = candlefish("stauts")
    assert done.returncode == 2
    assert "status" in done.stderr
