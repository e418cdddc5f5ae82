"""Watch the statements after a change, and take back what made one slower."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from candlefish.advise.apply.baseline import load_baseline, note_after, note_start
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.counts import count_hidden, read_counts
from candlefish.advise.apply.harm import ENOUGH_CALLS, Seen, balance_ms, compare
from candlefish.advise.apply.journal import Entry, entries
from candlefish.advise.apply.session import change
from candlefish.advise.apply.settle import mend
from candlefish.advise.apply.suspects import suspects_of
from candlefish.advise.apply.takeback import take_back
from candlefish.advise.connection import look_at
from candlefish.advise.plans.explain import Connection

ASK_S: Final = 5.0
"""Between two looks at pg_stat_statements: each copies all of its texts, so not every second; and a harm is ended
within seconds of being sure."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of it: each taken back with the reason, the statements that were called, those called too seldom.

    `kept` are recommendations that made a statement slower and saved more with others; `unexplained` are statements
    that got slower while nothing that was applied could be the cause.
    """

    taken_back: tuple[tuple[str, str], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    seen: tuple[Seen, ...] = ()
    unexplained: tuple[Seen, ...] = ()

    @property
    def too_few(self) -> int:
        """Return how many statements were called too seldom to say anything."""
        return sum(min(one.after.calls, one.baseline.before.calls) < ENOUGH_CALLS for one in self.seen)


def require_counts(dsn: str) -> None:
    """Raise UsageError where the statements of a database can't be watched."""
    with look_at(dsn) as connection:
        read_counts(connection)


def watch(dsn: str, watch_s: float, patience: Patience, on_step: Callable[[str], None] = lambda _: None) -> Watched:
    """Compare each statement with what it took before the last --apply; take back what harms, for `watch_s` seconds.

    One recommendation is taken back at a time, the one that was made for the slower statement first, then the newest;
    those that are left are judged by the calls from then on.
    """
    with change(dsn) as connection:
        read_counts(connection)
        load_baseline(connection)
        if hidden := count_hidden(connection):
            on_step(f"{hidden} statements of other roles can't be seen, nor watched: grant this one pg_read_all_stats")
        mend(connection, on_step)
        until, taken, kept = time.monotonic() + watch_s, list[tuple[str, str]](), dict[str, str]()
        while True:
            seen, unexplained = _look(connection, patience, on_step, taken, kept)
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            time.sleep(min(ASK_S, left_s))
        note_after(connection, {one.baseline.id: one.after for one in seen})
    return Watched(tuple(taken), tuple(kept.items()), seen, unexplained)


def _look(
    connection: Connection,
    patience: Patience,
    on_step: Callable[[str], None],
    taken: list[tuple[str, str]],
    kept: dict[str, str],
) -> tuple[tuple[Seen, ...], tuple[Seen, ...]]:
    """Judge once, and take back until nothing harmful is left; return the statements, and the unexplained ones."""
    while True:
        first_line, baselines = load_baseline(connection)
        lines = [entry for entry in entries(connection, "built") if entry.id >= first_line and entry.rebuilds is None]
        counts = read_counts(connection)
        seen = compare(baselines, {key: count for key, (_, count) in counts.items()})
        slower = sorted((one for one in seen if one.is_slower), key=lambda one: one.saved_ms)
        suspects = {one.baseline.id: suspects_of(connection, one.baseline, lines) for one in slower}
        for one in slower:
            names = suspects[one.baseline.id]
            guilty = next((name for name in names if _harms(name, seen, slower, suspects)), None)
            if guilty is not None:
                why = f"it made a statement slower: {one}"
                if _take(connection, guilty, why, lines, patience, on_step):
                    taken.append((guilty, why))
                    kept.pop(guilty, None)
                note_after(connection, {each.baseline.id: each.after for each in seen})
                note_start(connection, counts, recommendation=guilty)
                break
            if names and names[0] not in kept:
                on_step(f"{names[0]} stays, because it saves more elsewhere than it costs here: {one}")
                kept[names[0]] = str(one)
        else:
            return seen, tuple(one for one in slower if not suspects[one.baseline.id])


def _harms(name: str, seen: Sequence[Seen], slower: Sequence[Seen], suspects: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a recommendation costs more with the statements that it may have slowed than it saves elsewhere."""
    return balance_ms(seen, name, (one for one in slower if name in suspects[one.baseline.id])) < 0


def _take(
    connection: Connection,
    recommendation: str,
    why: str,
    lines: Sequence[Entry],
    patience: Patience,
    on_step: Callable[[str], None],
) -> bool:
    """Take a recommendation back; False where its indexes were changed since, and are left."""
    on_step(f"{recommendation} is taken back, because {why}")
    mine = [entry for entry in reversed(lines) if entry.recommendation == recommendation]
    done = [take_back(connection, entry, patience, on_step, f"taken back, because {why}") for entry in mine]
    return any(done)
