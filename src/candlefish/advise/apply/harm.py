"""Which statements got slower since a change, by what the server counted: enough calls, and no accident."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from candlefish.advise.apply.baseline import Baseline
from candlefish.advise.apply.counts import Count
from candlefish.advise.proof.judge import SLOWER_MS

SLOWER_FACTOR: Final = 1.5
"""Of a statement's mean time before: from here on it was made slower. The lab's judge says so from 1.1 on, but its runs
are interleaved; a mean of the live system moves with the hour, the cache and the constants."""

ENOUGH_CALLS: Final = 20
"""Of a statement on either side, before anything is said of its mean: from about here on a mean of skewed times is
spread like a normal one, which SURE_ERRORS rests on."""

SURE_ERRORS: Final = 4.0
"""Standard errors of the difference of two means: beyond them lie 3 of 100,000 by accident, and a watch of an hour asks
some hundred times."""

LEAST_OTHERS: Final = 3
"""Statements that the change does not concern, from which on they tell how much slower the whole server became."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One statement before and after; `expected_ms` is its mean before, times what all others became slower by."""

    baseline: Baseline
    after: Count
    expected_ms: float

    @property
    def is_slower(self) -> bool:
        """Tell whether it became slower beyond doubt."""
        before, after = self.baseline.before, self.after
        if min(before.calls, after.calls) < ENOUGH_CALLS:
            return False
        more_ms = after.mean_ms - self.expected_ms
        error_ms = math.sqrt(before.variance / before.calls + after.variance / after.calls)
        is_much = after.mean_ms > SLOWER_FACTOR * self.expected_ms and more_ms > SLOWER_MS
        return is_much and more_ms > SURE_ERRORS * error_ms

    @property
    def saved_ms(self) -> float:
        """Return what its calls since took less than they would have; negative for more."""
        return self.after.calls * (self.expected_ms - self.after.mean_ms)

    def __str__(self) -> str:
        words = " ".join(self.baseline.text.split())
        return (
            f"{self.baseline.before.mean_ms:.3g} ms before, {self.after.mean_ms:.3g} ms in"
            f" {self.after.calls:.0f} calls since: {words}"
        )


def compare(baselines: Iterable[Baseline], now: Mapping[str, Count]) -> tuple[Seen, ...]:
    """Return the statements that the change concerns and that were called since."""
    known = [(one, now[one.id].since(one.start)) for one in baselines if one.id in now]
    slowdown = slowdown_of((one.before, after) for one, after in known if not one.concerned_by)
    return tuple(
        Seen(one, after, one.before.mean_ms * slowdown) for one, after in known if one.concerned_by and after.calls
    )


def slowdown_of(others: Iterable[tuple[Count, Count]]) -> float:
    """Return by which factor statements became slower that the change does not concern; 1 where they did not."""
    ratios = [
        after.mean_ms / before.mean_ms
        for before, after in others
        if min(before.calls, after.calls) >= ENOUGH_CALLS and before.mean_ms > 0
    ]
    return max(median(ratios), 1.0) if len(ratios) >= LEAST_OTHERS else 1.0


def balance_ms(seen: Iterable[Seen], recommendation: str, blamed: Iterable[Seen]) -> float:
    """Return what a recommendation saved, in milliseconds: where it was meant to, less with the statements it slows."""
    served = (one for one in seen if recommendation in one.baseline.served_by)
    return sum(max(one.saved_ms, 0.0) for one in served) + sum(one.saved_ms for one in blamed)
