"""The search: from all candidates the set that makes the workload cheapest within a storage budget.

Greedy by gain for each byte, where an index may also take the place of narrower ones; then, as long as time is left,
each chosen index is taken out and the room filled anew, which mends what greed chose too early. Gains that were found
before are upper bounds mostly (an index gains less where others are), so only the best of the old ones are asked again.
"""

import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from candlefish.advise.index.definition import Index
from candlefish.advise.index.merging import covers
from candlefish.advise.index.objective import Objective

EXPONENTS: Final = (1.0, 0.6, 0.3)
"""How much size counts against gain: 1 is gain for each byte (Extend), which is right where the budget is tight; less
is right where it is wide. Each is tried, the best set wins."""

LEAST_GAIN_RATIO: Final = 0.0005
"""Of the whole workload's cost: an index that gains less is not worth its name."""


@dataclass(slots=True)
class Search:
    """One search. `size_of` gives bytes; `budget_bytes` None: no limit; it stops at `deadline` (monotonic seconds).

    `wishes` is what each statement would choose for itself, were nothing else to be thought of.
    """

    objective: Objective
    candidates: tuple[Index, ...]
    size_of: Callable[[Index], int]
    budget_bytes: int | None = None
    deadline: float = math.inf
    wishes: tuple[Index, ...] = ()

    def run(self) -> frozenset[Index]:
        """Return the chosen indexes."""
        found = [self._greedy(frozenset(), exponent) for exponent in EXPONENTS]
        found.append(self._shrink(frozenset(self.wishes)))
        best = min(found, key=self.objective.total)
        improved = True
        while improved and monotonic() < self.deadline:
            improved = False
            for index in sorted(best, key=self.size_of, reverse=True):
                other = self._without(best, index)
                if self.objective.total(other) < self.objective.total(best) * (1 - LEAST_GAIN_RATIO / 10):
                    best, improved = other, True
                    break
                if monotonic() > self.deadline:
                    break
        return self._prune(best)

    def _without(self, chosen: frozenset[Index], index: Index) -> frozenset[Index]:
        """Return the best that is found when one index goes and may not come back."""
        rest = chosen - {index}
        banned = frozenset({index})
        found = [self._greedy(rest, exponent, banned) for exponent in EXPONENTS[:2]]
        return min(found, key=self.objective.total)

    def _greedy(
        self, chosen: frozenset[Index], exponent: float, banned: frozenset[Index] = frozenset()
    ) -> frozenset[Index]:
        whole = self.objective.total(frozenset())
        heap = [(-math.inf, at, -1) for at, index in enumerate(self.candidates) if index not in chosen | banned]
        heapq.heapify(heap)
        step = 0
        while heap and monotonic() < self.deadline:
            _, at, asked = heapq.heappop(heap)
            index = self.candidates[at]
            changed = self._add(chosen, index)
            if changed is None:
                continue
            if asked == step:
                chosen, step = changed, step + 1
                continue
            gain = self._gain(chosen, changed)
            if gain > whole * LEAST_GAIN_RATIO:
                more = max(self._size(changed) - self._size(chosen), 8192)
                heapq.heappush(heap, (-gain / more**exponent, at, step))
        return chosen

    def _shrink(self, chosen: frozenset[Index]) -> frozenset[Index]:
        """Take out, from everything that is wished for, what is missed least for its size, until the rest fits."""
        least = self.objective.total(frozenset()) * LEAST_GAIN_RATIO
        heap = [(-math.inf, at, -1) for at in range(len(self.wishes))]
        step = 0
        while heap and monotonic() < self.deadline:
            _, at, asked = heapq.heappop(heap)
            index = self.wishes[at]
            rest = chosen - {index}
            loss = -self._gain(chosen, rest)
            if asked != step:
                heapq.heappush(heap, (loss / max(self.size_of(index), 8192), at, step))
            elif loss < least or not self._fits(chosen):
                chosen, step = rest, step + 1
        return chosen if self._fits(chosen) else frozenset()

    def _add(self, chosen: frozenset[Index], index: Index) -> frozenset[Index] | None:
        """Return the set with an index and without those that it makes superfluous; None where the budget is less."""
        if any(covers(other, index) for other in chosen):
            return None
        changed = frozenset(other for other in chosen if not covers(index, other)) | {index}
        return changed if self._fits(changed) else None

    def _gain(self, before: frozenset[Index], after: frozenset[Index]) -> float:
        changed = before ^ after
        questions = {one.id: one for index in changed for one in self.objective.concerned(index)}
        saved = sum(
            self.objective.cost_of(one, before) - self.objective.cost_of(one, after) for one in questions.values()
        )
        price = self.objective.price
        return saved - sum(map(price, after - before)) + sum(map(price, before - after))

    def _prune(self, chosen: frozenset[Index]) -> frozenset[Index]:
        """Take out what the others have made superfluous."""
        whole = self.objective.total(frozenset())
        for index in sorted(chosen, key=self.size_of, reverse=True):
            if -self._gain(chosen, chosen - {index}) < whole * LEAST_GAIN_RATIO:
                chosen -= {index}
        return chosen

    def _fits(self, indexes: frozenset[Index]) -> bool:
        return self.budget_bytes is None or self._size(indexes) <= self.budget_bytes

    def _size(self, indexes: Iterable[Index]) -> int:
        return sum(self.size_of(index) for index in indexes)
