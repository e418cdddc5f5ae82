"""Recordings read back: of one process and of several, with what they do not say filled in."""

from itertools import count
from pathlib import Path

import pytest

from candlefish.advise.cache.recording import Recording, parse_recordings
from candlefish.client.recording import Recorder
from candlefish.errors import UsageError

CLOCK = "candlefish.client.recording.time"


def record(path: Path, *keys: str, sample_ratio: float = 1.0, hits: int = 0, value_bytes: int = 0) -> bytes:
    """Record lookups, the first `hits` of which hit; return the file's bytes."""
    with Recorder(path, sample_ratio=sample_ratio) as recorder:
        for place, key in enumerate(keys):
            recorder.note_lookup(key, place < hits, value_bytes if place < hits else 0)
    return path.read_bytes()


def parse(*files: bytes) -> Recording:
    return parse_recordings({Path(f"file-{place}"): data for place, data in enumerate(files)}, value_bytes=300)


def test_a_recording_comes_back_as_it_was_made(tmp_path: Path) -> None:
    data = record(tmp_path / "one", "a", "bb", "a", hits=1, value_bytes=70)
    found = parse(data)
    assert list(found.accesses.keys) == [0, 1, 0]
    assert list(found.accesses.key_bytes) == [1, 2]
    assert (found.accesses.whole, found.hit_ratio) == (3, 1 / 3)


def test_a_value_that_was_never_seen_counts_with_the_mean_of_the_others(tmp_path: Path) -> None:
    data = record(tmp_path / "one", "a", "b", "c", hits=2, value_bytes=70)
    assert list(parse(data).accesses.value_bytes) == [70, 70, 70]


def test_where_no_value_was_seen_the_given_length_counts(tmp_path: Path) -> None:
    data = record(tmp_path / "one", "a", "b")
    assert list(parse(data).accesses.value_bytes) == [300, 300]


def test_recordings_of_several_processes_become_one_in_the_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count(1_000_000)
    monkeypatch.setattr(CLOCK, lambda: float(next(ticks)))
    with Recorder(tmp_path / "one", sample_ratio=1) as one, Recorder(tmp_path / "two", sample_ratio=1) as two:
        for key in ("a", "b", "c"):
            one(key, False, 0.0)
            two(key, False, 0.0)
    files = [(tmp_path / name).read_bytes() for name in ("two", "one")]
    found = parse(*files).accesses
    assert list(found.times_ms) == sorted(found.times_ms)
    assert [found.keys[place] == found.keys[place + 1] for place in (0, 2, 4)] == [True] * 3
    assert (found.objects, found.whole) == (3, 6)


def test_half_a_record_at_the_end_is_left_away(tmp_path: Path) -> None:
    data = record(tmp_path / "one", "a", "b")
    assert len(parse(data + b"half").accesses) == 2


def test_recordings_of_unlike_shares_are_refused(tmp_path: Path) -> None:
    files = [record(tmp_path / "one", "a", sample_ratio=1), record(tmp_path / "two", "a", sample_ratio=0.5)]
    with pytest.raises(UsageError, match=r"recorded: 1 in file-0, 0\.5 in file-1"):
        parse(*files)


def test_an_empty_recording_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was recorded in file-0") as refused:
        parse(record(tmp_path / "one"))
    assert "close its Recorder" in refused.value.hint


def test_a_sample_that_no_key_is_in_says_how_many_lookups_there_were(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was recorded") as refused:
        parse(record(tmp_path / "one", *"abc", sample_ratio=1e-9))
    assert refused.value.detail.startswith("3 lookups")
