"""`candlefish load` as a user runs it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from candlefish.engines.stack import Stack

pytestmark = pytest.mark.live

CANDLEFISH = Path(sys.executable).parent / "candlefish"
Command = Callable[..., "subprocess.CompletedProcess[str]"]
Load = Callable[..., object]


@pytest.fixture
def command(stack: Stack, tmp_path: Path, load: Load) -> Command:
    """Give a function that runs `candlefish load` in a folder with one script; "shop" is dropped after the test."""
    (tmp_path / "shop.sql").write_text("create table items (id int);\ninsert into items values (1), (2);\n")
    (tmp_path / "odd.sql").write_text("create table items (id int);\ncreate table odd (x no_such_type);\n")
    load(tmp_path / "shop.sql", "shop")

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [str(CANDLEFISH), "load", *words, "--name", stack.plan.name]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180)

    return run


def test_it_says_what_came_and_ends_with_0(command: Command) -> None:
    done = command("shop.sql", "--database", "shop", "--replace", "--yes")
    assert done.returncode == 0, done.stderr
    assert "shop replaced by shop.sql" in done.stdout
    assert "rows        2" in done.stdout
    assert "running shop.sql" in done.stderr


def test_it_ends_with_1_when_something_could_not_be_taken(command: Command) -> None:
    done = command("odd.sql", "--database", "shop", "--replace", "--yes")
    assert done.returncode == 1
    assert "shop is unchanged" in done.stdout
    assert (
        'line 2: statement create table odd (x no_such_type)\n      type "no_such_type" does not exist' in done.stdout
    )


def test_json_is_one_object_and_nothing_else(command: Command) -> None:
    done = command("odd.sql", "--database", "shop", "--replace", "--yes", "--partial", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (report["database"], report["installed"], report["failed"]) == ("shop", True, 1)
    assert report["contents"]["tables"] == 1


def test_a_dry_run_says_what_would_be_replaced(command: Command) -> None:
    done = command("shop.sql", "--database", "shop", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "nothing was changed" in done.stdout
    assert "replaces    a database with 1 relations" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("shop.sql", "--database", "shop"), "the database shop holds 1 relations"),
        (("shop.sql", "--database", "shop", "--replace"), "nobody is there to confirm"),
        (("missing.sql", "--database", "shop"), "there is no file missing.sql"),
        (("shop.sql", "--database", "No Name"), "is no name for a database"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(command: Command, words: tuple[str, ...], message: str) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "\nhint: " in done.stderr
