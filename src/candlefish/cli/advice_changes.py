"""What `candlefish advise` does to the database: apply, watch, undo; and what it says of each."""

import json
import sys
from collections.abc import Sequence
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.watch import Watched, watch
from candlefish.cli.narrator import narrate
from candlefish.units import render_seconds

MOST_SEEN: Final = 20
"""Statements that a watch tells of, those whose time changed most first; the journal's table has all."""


def apply_changes(
    dsn: str, chosen: Sequence[Recommendation], patience: Patience, watch_s: float | None, as_json: bool
) -> None:
    """Build what was chosen, and watch it where that is asked for; all of it is told on stderr next to JSON."""
    with narrate("apply") as narrator:
        apply(dsn, chosen, patience, narrator.step)
    if watch_s is not None:
        with narrate("watch") as narrator:
            narrator.step(f"watches what statements take for {render_seconds(watch_s)}")
            found = watch(dsn, watch_s, patience, narrator.step)
        print(_words(found), file=sys.stderr if as_json else sys.stdout)


def watch_changes(dsn: str, watch_s: float, patience: Patience, as_json: bool) -> None:
    """Watch what was applied before."""
    with narrate("watch") as narrator:
        found = watch(dsn, watch_s, patience, narrator.step)
    print(json.dumps(_object(found)) if as_json else _words(found))


def undo_changes(dsn: str, only: tuple[str, ...], patience: Patience, as_json: bool) -> None:
    """Take back what was applied."""
    with narrate("undo") as narrator:
        found = undo(dsn, patience, only, narrator.step)
    if as_json:
        print(json.dumps({"undone": found.done, "left": found.skipped}))
    else:
        print("\n".join([f"taken back  {name}" for name in found.done] or ["nothing of candlefish's is there"]))


def _words(found: Watched) -> str:
    lines = [f"taken back  {name}, because {why}" for name, why in found.taken_back]
    lines += [f"slower, but {name} saves more elsewhere: {why}" for name, why in found.kept]
    lines += [f"slower, and nothing that was applied explains it: {one}" for one in found.unexplained]
    moved = sorted(found.seen, key=lambda one: -abs(one.saved_ms))
    lines += [f"  {one}" for one in moved[:MOST_SEEN]]
    if found.too_few:
        lines.append(f"{found.too_few} of {len(found.seen)} statements were called too seldom to judge")
    if not found.seen:
        lines.append("no statement on these tables was called since")
    return "\n".join(lines if found.taken_back else ["nothing had to be taken back", *lines])


def _object(found: Watched) -> dict[str, object]:
    return {
        "taken_back": [{"recommendation": name, "reason": why} for name, why in found.taken_back],
        "kept": [{"recommendation": name, "reason": why} for name, why in found.kept],
        "unexplained": [one.baseline.id for one in found.unexplained],
        "too_few_calls": found.too_few,
        "statements": [
            {
                "statement_id": one.baseline.id,
                "text": one.baseline.text,
                "before_calls": one.baseline.before.calls,
                "before_ms": one.baseline.before.mean_ms,
                "after_calls": one.after.calls,
                "after_ms": one.after.mean_ms,
            }
            for one in found.seen
        ],
    }
