"""`candlefish follow` as a user runs it: what it shows, what it undoes, how it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.live.changes.conftest import Execute

from candlefish.changes.slot import fetch_status
from candlefish.changes.source import Source

pytestmark = pytest.mark.live

CANDLEFISH = Path(sys.executable).parent / "candlefish"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CANDLEFISH, *words], cwd=folder, capture_output=True, text=True, timeout=60)


def follow(folder: Path, source: Source, *words: str) -> subprocess.CompletedProcess[str]:
    at = ("--database-url", source.conninfo, "--slot", source.slot, "--publication", source.publication)
    return run(folder, "follow", *at, *words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_text('[[rule]]\ntable = "notes"\nkeys = ["note:{slug}"]\n')
    return tmp_path


def test_a_dry_run_shows_what_would_be_made_and_makes_nothing(folder: Path, bare: Source) -> None:
    done = follow(folder, bare, "--rules", "rules.toml", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "note:{slug}" in done.stdout
    assert f"would create the slot {bare.slot}" in done.stdout
    assert not fetch_status(bare).exists


def test_a_dry_run_says_why_rules_do_not_fit_and_what_helps(folder: Path, bare: Source) -> None:
    (folder / "rules.toml").write_text('[[rule]]\ntable = "notes"\nkeys = ["note:{body}"]\n')
    done = follow(folder, bare, "--rules", "rules.toml", "--dry-run", "--json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert "lack body" in finding["message"]
    assert "replica identity full" in finding["hint"]


def test_what_was_made_can_be_undone(folder: Path, source: Source) -> None:
    assert fetch_status(source).exists
    done = follow(folder, source, "--undo")
    assert done.returncode == 0, done.stderr
    assert source.slot in done.stdout
    assert not fetch_status(source).exists
    assert "there was none" in follow(folder, source, "--undo").stdout


def test_a_slot_that_somebody_reads_is_refused(folder: Path, source: Source, execute: Execute) -> None:
    words = ("--rules", "rules.toml", "--redis-url", "redis://127.0.0.1:1", "--json")
    at = ("--database-url", source.conninfo, "--slot", source.slot, "--publication", source.publication)
    with subprocess.Popen([CANDLEFISH, "follow", *at, *words], cwd=folder, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        while not json.loads(first.stdout.readline())["timeline"]:
            pass
        done = follow(folder, source, *words)
        first.kill()
    assert done.returncode == 3
    assert f"somebody reads the slot {source.slot} already" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rules", "rules.toml"), "there is no tier named"),
        (("--rules", "none.toml", "--database-url", "host=localhost", "--dry-run"), "could not read the rules"),
        (("--database-url", "host=localhost", "--dry-run"), "there are no rules"),
    ],
)
def test_what_is_missing_is_named(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = run(folder, "follow", "--name", "nowhere", *words)
    assert done.returncode in (2, 3)
    assert said in done.stderr


def test_a_tier_with_broken_rules_is_not_brought_up(folder: Path) -> None:
    (folder / "rules.toml").write_text('[[rule]]\ntabel = "notes"\n')
    (folder / "candlefish.toml").write_text('name = "never-up"\n[cache]\nrules = "rules.toml"\n')
    done = run(folder, "up")
    assert done.returncode == 2
    assert "unknown key 'tabel'" in done.stderr
