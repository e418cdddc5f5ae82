"""Which of the indexes that were built are worth advising: by what the statements took with and without them.

An index stays when what it saves an hour, measured with all the others in place, is more than it costs those who
write; one that makes a statement slower is sent back, unless it saves more elsewhere than is lost there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from candlefish.advise.advice import Effect, Regression, WritePrice
from candlefish.advise.index.definition import Index
from candlefish.advise.statements import Statement

WORTH_RATIO: Final = 0.1
"""Of one statement's time: an index must save so much of it, or LEAST_SHARE of the whole, to be worth its name."""

LEAST_SHARE: Final = 0.005
"""Of the whole workload's time an hour."""

LEAST_MS: Final = 0.25
"""Of one call: nobody waits for less, and much less is noise; unless the calls are so many that it adds up to"""

LEAST_MS_PER_HOUR: Final = 36_000.0
"""this: a hundredth of a processor."""

SLOWER_RATIO: Final = 1.1
"""A statement is listed as slower from here on, when the runs' spread does not explain it."""

SLOWER_MS: Final = 0.1
"""And by so much: about what one more page read from the operating system and its planning vary by."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one statement took under one set of indexes: median, interquartile range, pages touched, plan, indexes."""

    ms: float
    spread_ms: float
    buffers: int
    plan: str
    used: frozenset[Index]
    cost: float
    runs: int
    is_lower_bound: bool = False


class Bench(Protocol):
    """Whoever runs statements where the indexes are built."""

    def used(self, statement: Statement, indexes: frozenset[Index]) -> frozenset[Index]:
        """Return which of these indexes the planner reads."""

    def run(self, statement: Statement, variants: Sequence[frozenset[Index]]) -> tuple[Run, ...]:
        """Run a statement under several sets of the built indexes, interleaved."""


@dataclass(slots=True)
class Judgement:
    """What is worth advising, with the effects of each; what is not, with the reason; what got slower all the same.

    `before` and `after` hold the runs of each statement without any and with all that is kept, `calls` how often an
    hour it is called.
    """

    kept: dict[Index, tuple[Effect, ...]] = field(default_factory=dict)
    sent_back: dict[Index, tuple[str, tuple[Effect, ...]]] = field(default_factory=dict)
    regressions: tuple[Regression, ...] = ()
    before: dict[str, Run] = field(default_factory=dict)
    after: dict[str, Run] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Judge:
    """Measure and decide: as long as an index is not worth it, the least worthy goes and its statements run again."""

    bench: Bench
    concerned: Callable[[Index], Sequence[Statement]]
    price_of: Callable[[Index], WritePrice | None]
    on_step: Callable[[str], None] = lambda _: None
    _prices: dict[Index, WritePrice | None] = field(default_factory=dict)
    _lacking: dict[tuple[str, Index], Run] = field(default_factory=dict)

    def decide(self, built: Iterable[Index], earlier: Judgement | None = None) -> Judgement:
        """Return the judgement of all indexes that were built; what ran without any for an earlier one counts on."""
        judgement, chosen = Judgement(), frozenset(built)
        statements = {one.id: one for index in chosen for one in self.concerned(index)}
        judgement.calls = {name: one.calls_per_hour for name, one in statements.items()}
        if earlier is not None:
            judgement.before, judgement.after = dict(earlier.before), dict(earlier.before)
            judgement.calls = earlier.calls | judgement.calls
        self._lacking.clear()
        for unused in chosen - self._read(statements.values(), chosen):
            judgement.sent_back[unused] = ("no statement uses it where it is built", ())
            chosen -= {unused}
        stale = set(statements)
        while True:
            for number, name in enumerate(sorted(stale)):
                self.on_step(f"{number + 1} of {len(stale)} statements")
                self._measure(judgement, statements[name], chosen)
            least = min(chosen, key=lambda one: self._net(judgement, statements, one), default=None)
            reason = "" if least is None else self._reason_against(judgement, statements, least)
            if least is None or not reason:
                break
            judgement.sent_back[least] = (reason, self._effects(judgement, statements, least))
            chosen -= {least}
            stale = {name for name, run in judgement.after.items() if least in run.used}
        judgement.kept = {index: self._effects(judgement, statements, index) for index in chosen}
        judgement.regressions = tuple(_regressions(judgement, statements))
        return judgement

    def price(self, index: Index) -> WritePrice | None:
        """Return what an index costs those who write; asked once."""
        if index not in self._prices:
            self._prices[index] = self.price_of(index)
        return self._prices[index]

    def _measure(self, judgement: Judgement, statement: Statement, chosen: frozenset[Index]) -> None:
        used = sorted(self.bench.used(statement, chosen), key=lambda one: one.render())
        for key in [key for key in self._lacking if key[0] == statement.id]:
            del self._lacking[key]
        none: frozenset[Index] = frozenset()
        wanted = [chosen, *(chosen - {index} for index in used)] if used else [none]
        if statement.id not in judgement.before:
            wanted.append(none)  # it is the same whatever is chosen, so it runs once
        # Sets of which the planner reads the same indexes are the same to the statement.
        read = {variant: self.bench.used(statement, variant) for variant in dict.fromkeys(wanted)}
        known = {none: judgement.before[statement.id]} if statement.id in judgement.before else {}
        variants = [one for one in dict.fromkeys(read.values()) if one not in known]
        known |= dict(zip(variants, self.bench.run(statement, variants), strict=True))
        judgement.before.setdefault(statement.id, known[none])
        judgement.after[statement.id] = known[read[wanted[0]]]
        self._lacking |= {(statement.id, index): known[read[chosen - {index}]] for index in used}

    def _read(self, statements: Iterable[Statement], chosen: frozenset[Index]) -> frozenset[Index]:
        return frozenset(index for one in statements for index in self.bench.used(one, chosen))

    def _net(self, judgement: Judgement, statements: Mapping[str, Statement], index: Index) -> float:
        """Return milliseconds an hour that an index saves, its price on writes taken off."""
        price = self.price(index)
        saved = (
            statements[name].calls_per_hour * gain(run, judgement.after[name])
            for (name, other), run in self._lacking.items()
            if other == index
        )
        return sum(saved) - (price.ms_per_hour if price is not None else 0.0)

    def _reason_against(self, judgement: Judgement, statements: Mapping[str, Statement], index: Index) -> str:
        """Return why an index is not worth it, "" where it is."""
        pairs = [(run, judgement.after[name]) for (name, other), run in self._lacking.items() if other == index]
        net = self._net(judgement, statements, index)
        price = self.price(index)
        if not pairs:
            return "no statement uses it where it is built"
        if net <= 0 and price is not None and price.ms_per_hour > 0:
            return f"costs those who write {price.ms_per_hour:,.0f} ms an hour, more than it saves those who read"
        if net <= 0:
            return "no statement got faster by it"
        whole = sum(judgement.calls[name] * run.ms for name, run in judgement.before.items())
        best = max(gain(without, with_it) / without.ms for without, with_it in pairs if without.ms)
        most_ms = max(gain(without, with_it) for without, with_it in pairs)
        if best < WORTH_RATIO and net < LEAST_SHARE * whole:
            return f"saves {best:.0%} of a statement and {net / whole:.1%} of the whole at best"
        if most_ms < LEAST_MS and net < LEAST_MS_PER_HOUR:
            return f"saves {most_ms:.2f} ms of a call at best, and {net:,.0f} ms an hour"
        return ""

    def _effects(self, judgement: Judgement, statements: Mapping[str, Statement], index: Index) -> tuple[Effect, ...]:
        found = [
            make_effect(statements[name], run, judgement.after[name])
            for (name, other), run in self._lacking.items()
            if other == index
        ]
        return tuple(sorted(found, key=lambda one: -one.calls_per_hour * ((one.before_ms or 0) - (one.after_ms or 0))))


def gain(before: Run, after: Run) -> float:
    """Return the milliseconds that a run got faster by (negative: slower), 0 where their spread explains it."""
    difference = before.ms - after.ms
    return difference if abs(difference) > (before.spread_ms + after.spread_ms) / 2 else 0.0


def make_effect(statement: Statement, before: Run, after: Run) -> Effect:
    """Return two runs of a statement side by side."""
    return Effect(
        statement_id=statement.id,
        text=statement.text,
        calls_per_hour=statement.calls_per_hour,
        before_cost=before.cost,
        after_cost=after.cost,
        before_ms=before.ms,
        after_ms=after.ms,
        before_buffers=before.buffers,
        after_buffers=after.buffers,
        before_plan=before.plan,
        after_plan=after.plan,
        runs=after.runs,
        spread=(_relative(before), _relative(after)),
    )


def _relative(run: Run) -> float:
    return run.spread_ms / run.ms if run.ms else 0.0


def _regressions(judgement: Judgement, statements: Mapping[str, Statement]) -> Iterator[Regression]:
    for name, before in judgement.before.items():
        after = judgement.after[name]
        lost = -gain(before, after)
        if lost > SLOWER_MS and after.ms > SLOWER_RATIO * before.ms:
            yield Regression(name, statements[name].text, before.ms, after.ms)
