"""Smaller indexes that do as well: without what is included, with fewer keys, of fewer rows, of another kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from candlefish.advise.index.definition import Index
from candlefish.advise.proof.judge import Bench, Judgement
from candlefish.advise.statements import Statement

AS_GOOD_RATIO: Final = 1.1
"""A narrower index may be slower by a tenth: that is what a median of few runs varies by."""

AS_GOOD_MS: Final = 0.03
"""And by so much of each call: a few pages more from memory."""

NEARLY_RATIO: Final = 1.5
"""One that is much smaller may be slower by half, when it keeps most of what the wide one saves:"""

MUCH_SLOWER_RATIO, MUCH_SLOWER_MS = 2.0, 1.0
"""No statement may become so much slower, however little it weighs: a rare one would pay for the space of all."""

GAINS: Final = ((0.1, 0.9), (0.5, 0.97))
"""(of its size at most, of its gain at least)."""


def slim(
    bench: Bench,
    judgement: Judgement,
    statements: Callable[[Index], Sequence[Statement]],
    build: Callable[[Index], bool],
    instead: Mapping[Index, Sequence[Index]],
    size_of: Callable[[Index], int],
) -> dict[Index, Index]:
    """Return which kept index gives way to which smaller one that is as good.

    `instead` has the smaller ones; `build` makes one in the lab, and `size_of` is the size of what was built.
    """
    kept = frozenset(judgement.kept)
    changed: dict[Index, Index] = {}
    for index in judgement.kept:
        using = [one for one in statements(index) if index in judgement.after[one.id].used]
        for other in instead.get(index, ()):
            if other in kept or not build(other) or size_of(other) >= size_of(index):
                continue
            slimmer = kept - {index} | {other}
            if _is_as_good(bench, using, kept, slimmer, judgement, size_of(other) / size_of(index)):
                changed[index] = other
                kept = slimmer
                break
    return changed


def _is_as_good(
    bench: Bench,
    statements: Sequence[Statement],
    wide: frozenset[Index],
    slim: frozenset[Index],
    judgement: Judgement,
    size_ratio: float,
) -> bool:
    none_ms = wide_ms = slim_ms = calls = 0.0
    for statement in statements:
        with_wide, with_slim = bench.run(statement, (wide, slim))
        none_ms += statement.calls_per_hour * judgement.before[statement.id].ms
        wide_ms += statement.calls_per_hour * with_wide.ms
        slim_ms += statement.calls_per_hour * with_slim.ms
        if with_slim.ms > max(MUCH_SLOWER_RATIO * with_wide.ms, with_wide.ms + MUCH_SLOWER_MS):
            return False
        calls += statement.calls_per_hour
    if slim_ms <= max(AS_GOOD_RATIO * wide_ms, wide_ms + AS_GOOD_MS * calls):
        return True
    kept_gain = (none_ms - slim_ms) / (none_ms - wide_ms) if none_ms > wide_ms else 0.0
    is_worth = any(size_ratio <= size and kept_gain >= gain for size, gain in GAINS)
    return slim_ms <= NEARLY_RATIO * wide_ms and is_worth
