"""What a stampede's repetitions say together."""

from peers.crowd import Message
from peers.entries import Entry
from peers.outcomes import Outcome, outcome_of, row_of

ENTRY = Entry("cashews", "lock=True", "cashews")


def test_a_stampede_lasts_until_its_last_process_is_served() -> None:
    first = Message("answered", runs=1, seconds=0.24, errors=0)
    last = Message("answered", runs=0, seconds=0.31, errors=2, note="TimeoutError: late")
    assert outcome_of([first, last]) == Outcome(runs=1, seconds=0.31, errors=2, note="TimeoutError: late")


def test_one_repetition_with_two_loads_is_seen_among_many() -> None:
    outcomes = [Outcome(1, 0.25, 0)] * 48 + [Outcome(2, 0.9, 0), Outcome(1, 0.3, 3, "KeyError: 'k'")]
    row = row_of(ENTRY, outcomes, {"killed": False})
    assert (row["loader_runs"], row["loader_runs_max"], row["exactly_one"], row["repetitions"]) == (1, 2, 49, 50)
    assert (row["seconds"], row["seconds_max"]) == (0.25, 0.9)
    assert (row["errors"], row["note"], row["killed"]) == (3, "KeyError: 'k'", False)
