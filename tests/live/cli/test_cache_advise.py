"""`candlefish cache advise` as a user runs it, on a recording and on a raw trace, and checked on a redis-server."""

import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.advise.cache.workload import zipf

from candlefish.client.recording import Recorder

pytestmark = pytest.mark.live

Run = Callable[..., subprocess.CompletedProcess[str]]
RAW = ("--format", "int32be", "--rate", "4000")


@pytest.fixture
def trace(tmp_path: Path) -> str:
    """Write a raw trace into the folder in which the command runs; give its name."""
    accesses = zipf(20_000, 3_000, seconds=5)
    (tmp_path / "shop.trace").write_bytes(struct.pack(f">{len(accesses)}i", *accesses.keys))
    return "shop.trace"


def test_a_recording_becomes_advice(candlefish: Run, tmp_path: Path) -> None:
    with Recorder(tmp_path / "accesses", sample_ratio=1) as recorder:
        for number in zipf(3_000, 300, seconds=5).keys:
            recorder.note_lookup(f"dashboard:{number}", True, 500)
    done = candlefish("cache", "advise", "accesses")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Set maxmemory to ")
    assert "3,000 in " in done.stdout
    assert "500 bytes in the mean" in done.stdout
    assert "3,000 lookups of" in done.stderr


def test_the_whole_answer_is_one_json_object_checked_against_redis(candlefish: Run, trace: str) -> None:
    done = candlefish(
        "cache", "advise", trace, *RAW, "--memory", "1400kB", "--ttl", "none", "--policy", "allkeys-lru,allkeys-lfu",
        "--check", "--check-seconds", "5", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one["policy"] for one in found["checked"]] == ["allkeys-lru", "allkeys-lfu"]
    assert all(one["holds"] and abs(one["points"]) <= 2 and one["evicted"] > 0 for one in found["checked"])
    assert {point["maxmemory_bytes"] for point in found["points"]} == {1400 * 1024}
    assert 0 < found["points"][0]["hit_ratio"] < found["ceilings"][0]["hit_ratio"] < 1


def test_a_page_is_written_and_named(candlefish: Run, trace: str, tmp_path: Path) -> None:
    done = candlefish("cache", "advise", trace, *RAW, "--ttl", "none", "--html", "cache.html")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cache.html").read_text().startswith("<!DOCTYPE html>")
    assert done.stdout.rstrip().endswith(str(tmp_path / "cache.html"))


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("missing",), "could not read missing: No such file or directory", "Recorder"),
        (("shop.trace",), "shop.trace is no recording", "--format int32be --rate N"),
        (("shop.trace", "--format", "int32be"), "has no times", "--rate N"),
        (("shop.trace", *RAW, "--policy", "lru"), "--policy lru: 'lru' is none of allkeys-lru", ""),
        (("shop.trace", *RAW, "--ttl", "5 parsecs"), "--ttl 5 parsecs", ""),
        (("shop.trace", *RAW, "--ttl", "0s"), "keeps nothing", "none"),
        (("shop.trace", *RAW, "--ttl", ","), "--ttl names nothing", "leave the option out"),
        (("shop.trace", *RAW, "--memory", "1MB"), "a maxmemory of 1048576 bytes holds no key", "give --memory more"),
    ],
)
def test_what_cannot_be_ends_with_2_and_names_it(
    candlefish: Run, trace: str, words: tuple[str, ...], message: str, hint: str
) -> None:
    done = candlefish("cache", "advise", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert hint in done.stderr


def test_a_page_that_cannot_be_written_is_named(candlefish: Run, trace: str) -> None:
    done = candlefish("cache", "advise", trace, *RAW, "--ttl", "none", "--memory", "2MB", "--html", "no/cache.html")
    assert done.returncode == 3
    assert "could not write no/cache.html" in done.stderr
