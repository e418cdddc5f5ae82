"""Files that are read: recordings and raw traces, packed or not, and what is said of others."""

import lzma
import struct
from pathlib import Path

import pytest

from candlefish.advise.cache.load import Source, load_accesses
from candlefish.client.recording import Recorder
from candlefish.errors import UsageError

TRACE = struct.pack(">5i", 7, 1_000_000, 7, -1, 7)
RAW = Source("int32be", rate=2.0, key_bytes=30, value_bytes=500)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("data", [TRACE, lzma.compress(TRACE)], ids=["plain", "xz"])
def test_a_raw_trace_gets_a_steady_pace_and_the_lengths_that_are_given(tmp_path: Path, data: bytes) -> None:
    found = load_accesses([write(tmp_path / "trace", data)], RAW)
    assert list(found.accesses.keys) == [0, 1, 0, 2, 0]
    assert list(found.accesses.times_ms) == [0, 500, 1000, 1500, 2000]
    assert list(found.accesses.key_bytes) == [30] * 3
    assert list(found.accesses.value_bytes) == [500] * 3
    assert found.hit_ratio is None


def test_a_recording_may_be_packed(tmp_path: Path) -> None:
    with Recorder(tmp_path / "plain", sample_ratio=1) as recorder:
        recorder("a", False, 0.0)
    packed = write(tmp_path / "packed.xz", lzma.compress((tmp_path / "plain").read_bytes()))
    assert len(load_accesses([packed], Source()).accesses) == 1


@pytest.mark.parametrize(
    ("data", "source", "message"),
    [
        (b"letters", Source(), "is no recording"),
        (b"", Source(), "is empty"),
        (TRACE, Source("int32be"), "has no times"),
        (TRACE + b"x", RAW, "21 bytes holds no whole 32-bit keys"),
        (b"", RAW, "is empty"),
        (lzma.compress(TRACE)[:20], RAW, "could not unpack"),
    ],
)
def test_a_file_of_something_else_is_named(tmp_path: Path, data: bytes, source: Source, message: str) -> None:
    path = write(tmp_path / "file", data)
    with pytest.raises(UsageError, match=message) as refused:
        load_accesses([path], source)
    assert str(path) in refused.value.message
    assert refused.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"could not read .*missing: No such file"):
        load_accesses([tmp_path / "missing"], Source())


def test_two_raw_traces_cannot_be_put_in_order(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", TRACE), write(tmp_path / "two", TRACE)
    with pytest.raises(UsageError, match="2 traces"):
        load_accesses([one, two], RAW)


def test_a_recording_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    with Recorder(tmp_path / "one", sample_ratio=1) as recorder:
        recorder("a", False, 0.0)
    assert len(load_accesses([tmp_path / "one"] * 2, Source()).accesses) == 1
