"""What becomes of stampedes: one row for the repetitions of an entry. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from harness.table import number, render_table
from peers.crowd import Message
from peers.entries import Entry

HEAD: Final = (
    "library", "setting", "repetitions", "loader runs", "at most", "exactly 1 in", "seconds", "at most", "errors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """One stampede: over all processes that lived to its end."""

    runs: int
    seconds: float
    errors: int
    note: str = ""


def outcome_of(messages: Sequence[Message]) -> Outcome:
    """Add what the processes told; the last caller of all decides how long it took."""
    return Outcome(
        runs=sum(message.runs for message in messages),
        seconds=max(message.seconds for message in messages),
        errors=sum(message.errors for message in messages),
        note=next((message.note for message in messages if message.note), ""),
    )


def row_of(entry: Entry, outcomes: Sequence[Outcome], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the row of an entry: medians and maxima of its repetitions."""
    runs, seconds = [outcome.runs for outcome in outcomes], [outcome.seconds for outcome in outcomes]
    return {
        "library": entry.library,
        "setting": entry.setting,
        **facts,
        "repetitions": len(outcomes),
        "loader_runs": median(runs),
        "loader_runs_max": max(runs),
        "exactly_one": runs.count(1),
        "seconds": median(seconds),
        "seconds_max": max(seconds),
        "errors": sum(outcome.errors for outcome in outcomes),
        "note": next((outcome.note for outcome in outcomes if outcome.note), ""),
    }


def render_outcomes(rows: Sequence[dict[str, Any]]) -> str:
    """Print rows as a table, and below it what the errors were."""
    names = ("loader_runs", "loader_runs_max", "exactly_one", "seconds", "seconds_max", "errors")
    cells = [(row["library"], row["setting"], *(number(row[name]) for name in ("repetitions", *names))) for row in rows]
    notes = [f"{row['library']} {row['setting']}: {row['note']}" for row in rows if row["note"]]
    return "\n".join([render_table(HEAD, cells), *(["", *notes] if notes else [])])
