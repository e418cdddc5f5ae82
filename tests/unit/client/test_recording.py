"""Which lookups an application's `Recorder` writes down, and how a recording ends."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.recording import FLUSH_MS, Recorder
from candlefish.client.recording_format import (
    HEADER,
    MAGIC,
    MOST_KEY_BYTES,
    MOST_VALUE_BYTES,
    RECORD,
    Record,
    hash_key,
    pack_meta,
    parse_header,
    unpack_record,
)
from candlefish.errors import UsageError

KEYS = [f"dashboard:{number}" for number in range(2_000)]


def records(path: Path) -> list[Record]:
    return [unpack_record(*fields) for fields in RECORD.iter_unpack(path.read_bytes()[HEADER.size :])]


def lookups(path: Path) -> list[Record]:
    return [record for record in records(path) if record.key_bytes]


def tallied(path: Path) -> int:
    return sum(record.key_hash for record in records(path) if not record.key_bytes)


@given(st.booleans(), st.integers(1, 10**4), st.integers(0, 10**8))
def test_a_record_keeps_the_hit_and_both_lengths_up_to_what_it_can_hold(hit: bool, key: int, value: int) -> None:
    packed = RECORD.pack(7, 9, pack_meta(hit, key, value))
    assert unpack_record(*RECORD.unpack(packed)) == (
        7, 9, hit, min(key, MOST_KEY_BYTES), min(value, MOST_VALUE_BYTES),
    )  # fmt: skip


def test_hits_have_their_length_and_misses_none(tmp_path: Path) -> None:
    path = tmp_path / "accesses"
    with Recorder(path, sample_ratio=1, prefix="app:") as recorder:
        recorder("one", False, 0.001)
        recorder.note_lookup("one", True, 300)
    first, second = lookups(path)
    assert (first.hit, first.key_bytes, first.value_bytes) == (False, len("app:one"), 0)
    assert (second.hit, second.key_bytes, second.value_bytes) == (True, len("app:one"), 300)
    assert first.key_hash == second.key_hash == hash_key(b"app:one")
    assert first.at_ms <= second.at_ms


def test_no_key_is_in_the_file(tmp_path: Path) -> None:
    with Recorder(tmp_path / "accesses", sample_ratio=1) as recorder:
        recorder("customer:secret", False, 0.001)
    assert b"secret" not in (tmp_path / "accesses").read_bytes()


def test_a_key_is_recorded_with_all_of_its_lookups_or_with_none_in_every_process(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Recorder(tmp_path / name, sample_ratio=0.25) as recorder:
            for key in KEYS * 3:
                recorder.note_lookup(key, True, 10)
    hashes = [record.key_hash for record in lookups(tmp_path / "one")]
    assert hashes == [record.key_hash for record in lookups(tmp_path / "two")]
    assert {hashes.count(one) for one in set(hashes)} == {3}
    assert len(set(hashes)) == pytest.approx(0.25 * len(KEYS), rel=0.15)


def test_lookups_of_all_keys_are_counted_whether_recorded_or_not(tmp_path: Path) -> None:
    path = tmp_path / "accesses"
    for _ in range(2):
        with Recorder(path, sample_ratio=0.01) as recorder:
            for key in KEYS:
                recorder(key, False, 0.0)
    assert tallied(path) == 2 * len(KEYS)


def test_a_recording_is_continued_from_its_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "accesses"
    with Recorder(path, sample_ratio=1) as recorder:
        recorder("one", False, 0.0)
    with path.open("ab") as file:
        file.write(b"half")
    with Recorder(path, sample_ratio=1) as recorder:
        recorder("two", False, 0.0)
    assert [record.key_hash for record in lookups(path)] == [hash_key(b"one"), hash_key(b"two")]


def test_a_recording_never_exceeds_its_bytes_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "accesses"
    recorder = Recorder(path, sample_ratio=1, max_bytes=1_000)
    for key in KEYS:
        recorder(key, False, 0.0)
        recorder.flush()
    assert 0 < path.stat().st_size <= 1_000
    assert "1000 bytes" in recorder.ended
    recorder.close()


def test_what_is_recorded_is_in_the_file_before_the_end_when_time_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, now_s = tmp_path / "accesses", 1_000_000.0
    monkeypatch.setattr("candlefish.client.recording.time", lambda: now_s)
    with Recorder(path, sample_ratio=1) as recorder:
        recorder("one", False, 0.0)
        assert lookups(path) == []
        now_s += FLUSH_MS / 1000
        recorder("two", False, 0.0)
        assert len(lookups(path)) == 2


def test_a_file_that_cannot_be_written_ends_the_recording_and_not_the_application(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "accesses", sample_ratio=1)
    reading = os.open(tmp_path / "accesses", os.O_RDONLY)
    os.dup2(reading, recorder._file)
    os.close(reading)
    recorder("one", False, 0.0)
    recorder.flush()
    assert "could not write" in recorder.ended
    recorder("two", False, 0.0)
    recorder.close()
    recorder.close()
    assert lookups(tmp_path / "accesses") == []


def test_only_its_user_may_read_a_recording(tmp_path: Path) -> None:
    Recorder(tmp_path / "accesses").close()
    assert (tmp_path / "accesses").stat().st_mode & 0o777 == 0o600


def test_a_recording_says_which_share_it_holds(tmp_path: Path) -> None:
    Recorder(tmp_path / "accesses", sample_ratio=0.5).close()
    header = parse_header((tmp_path / "accesses").read_bytes())
    assert header is not None
    assert header.sample_ratio == 0.5


@pytest.mark.parametrize("sample_ratio", [0.0, -1.0, 1.5, float("nan")])
def test_a_header_with_a_share_that_cannot_be_is_none(sample_ratio: float) -> None:
    assert parse_header(HEADER.pack(MAGIC, 0, 1.0)) == (0, 1.0)
    assert parse_header(HEADER.pack(MAGIC, 0, sample_ratio)) is None


def test_another_share_is_refused_where_a_recording_is_continued(tmp_path: Path) -> None:
    Recorder(tmp_path / "accesses", sample_ratio=0.5).close()
    with pytest.raises(UsageError, match=r"begun with sample_ratio 0.5, not 0.25"):
        Recorder(tmp_path / "accesses", sample_ratio=0.25)


def test_a_second_recorder_of_one_file_is_refused(tmp_path: Path) -> None:
    with Recorder(tmp_path / "accesses"), pytest.raises(UsageError, match="another process records"):
        Recorder(tmp_path / "accesses")


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("a letter to somebody, and no recording")
    with pytest.raises(UsageError, match="is no recording"):
        Recorder(path)
    assert path.read_text() == "a letter to somebody, and no recording"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no/accesses"):
        Recorder(tmp_path / "no" / "accesses")


@pytest.mark.parametrize("sample_ratio", [0, -1, 1.1])
def test_a_share_beyond_its_bounds_is_refused(tmp_path: Path, sample_ratio: float) -> None:
    with pytest.raises(UsageError, match="sample_ratio"):
        Recorder(tmp_path / "accesses", sample_ratio=sample_ratio)
