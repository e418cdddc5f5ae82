"""A tier's folder: private, written in one step, of a known format."""

import json
import stat
from pathlib import Path

import pytest

from candlefish.engines import events
from candlefish.engines.state import FORMAT, State, list_tiers, upgraded
from candlefish.errors import StateNotWritable, TierNotRunning, UsageError


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    state = State(tmp_path / "tier")
    state.create()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (state.root, *state.root.iterdir())} == {0o700}


def test_writing_the_same_text_again_changes_nothing(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.write(tmp_path / "a", "text")
    assert not state.write(tmp_path / "a", "text")
    assert state.write(tmp_path / "a", "other")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "tier").write_text("")
    with pytest.raises(StateNotWritable, match="tier"):
        State(tmp_path / "tier").create()


def test_a_tier_that_never_was_is_named_with_the_next_command(tmp_path: Path) -> None:
    with pytest.raises(TierNotRunning, match=r"(?s)no tier named other.*candlefish up --name other"):
        State(tmp_path / "other").load_record()


def test_a_folder_of_a_newer_candlefish_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"format {FORMAT + 1}"):
        upgraded({"format": FORMAT + 1}, tmp_path)


def test_only_folders_with_a_record_are_tiers(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "tier").mkdir()
    (tmp_path / "tier/tier.json").write_text(json.dumps({"format": FORMAT}))
    assert [state.name for state in list_tiers(tmp_path)] == ["tier"]
    assert list_tiers(tmp_path / "nowhere") == ()


def test_the_newest_events_come_last_and_old_ones_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAXIMUM_BYTES", 1000)
    state = State(tmp_path)
    state.logs.mkdir()
    for number in range(50):
        events.record(state, "pg1", f"event {number}")
    assert [event.message for event in events.load_events(state, 2)] == ["event 48", "event 49"]
    assert (state.logs / "events.jsonl").stat().st_size < 2000


def test_how_a_program_ended_is_read_from_supervisords_log(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.logs.mkdir()
    (state.logs / "supervisord.log").write_text(
        "2026-01-01 WARN exited: pg1 (exit status 1; not expected)\n"
        "2026-01-01 WARN exited: pg2 (terminated by SIGKILL; not expected)\n"
    )
    assert events.load_exit_reason(state, "pg2") == "terminated by SIGKILL"
    assert events.load_exit_reason(state, "pg3") == "ended"
