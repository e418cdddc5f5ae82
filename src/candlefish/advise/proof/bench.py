"""Run statements with and without indexes that are built for real, in turns.

Those that shall not be seen are dropped in a transaction that always ends in ROLLBACK: that needs no more than being
their owner, leaves everything as it was, and takes back what the statement wrote too.
"""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql

from candlefish.advise.index.definition import Index
from candlefish.advise.plans.explain import Connection, Node, explain, make_node
from candlefish.advise.plans.show import show_plan
from candlefish.advise.proof.judge import Run
from candlefish.advise.statements import Statement

LEAST_TURNS: Final = 3
MOST_TURNS: Final = 9
"""Turns of each variant of one statement: as many as fit into TURNS_S."""

TURNS_S: Final = 1.0
"""Seconds for all turns of one variant of one statement."""

SLOW_MS: Final = 2000.0
"""A variant that takes longer runs once: noise is no matter there, and the others have their turns."""

RUNS_IN_A_TURN: Final = 2
"""Of quick statements, after one that is not counted: the first run in a transaction that dropped something reads the
catalog anew."""

QUICK_MS: Final = 10.0
"""Statements below this run several times in a turn."""

TIMEOUT_S: Final = 10.0
"""A statement that takes longer is ended; its time is a lower bound then. Enough to see what an index is good for."""


@dataclass(frozen=True, slots=True)
class LabBench:
    """Statements on one connection to a copy.

    `names` has what SQL calls each built index, and the names by which plans know it (those of its partitions).
    `triggers` has the statements whose foreign keys' triggers may read an index: no plan shows it.
    """

    connection: Connection
    names: Mapping[Index, tuple[str, frozenset[str]]]
    triggers: Mapping[Index, frozenset[str]] = field(default_factory=dict)
    timeout_s: float = TIMEOUT_S
    failed: dict[str, str] = field(default_factory=dict)
    """Samples that PostgreSQL refuses or that end in an error, and what it says: they are not run again."""

    def used(self, statement: Statement, indexes: frozenset[Index]) -> frozenset[Index]:
        """Return which of these indexes the planner reads for any sample of a statement."""
        names: frozenset[str] = frozenset()
        for text in self._sound(statement):
            with self._noting(text), self._only(statement, indexes):
                names |= explain(self.connection, text).index_names()
        return self._known(statement, names, indexes)

    def _known(self, statement: Statement, names: frozenset[str], indexes: frozenset[Index]) -> frozenset[Index]:
        return frozenset(
            index
            for index in indexes
            if self.names[index][1] & names or statement.id in self.triggers.get(index, frozenset())
        )

    def run(self, statement: Statement, variants: Sequence[frozenset[Index]]) -> tuple[Run, ...]:
        """Run a statement under several sets of indexes, in turns; its time is the mean over its samples' medians.

        A sample that fails is left out; when all fail, every run took no time at all.
        """
        found = []
        for text in self._sound(statement):
            with self._noting(text):
                found.append(self._run(statement, text, variants))
        return tuple(_mean([runs[at] for runs in found]) for at in range(len(variants)))

    def _sound(self, statement: Statement) -> list[str]:
        return [text for text in statement.samples if text not in self.failed]

    @contextmanager
    def _noting(self, text: str) -> Iterator[None]:
        """Note that a sample fails, and go on with the others."""
        try:
            yield
        except psycopg.errors.DatabaseError as error:
            if self.connection.broken:
                raise
            self.failed[text] = (error.diag.message_primary or str(error)).strip()

    def _run(self, statement: Statement, text: str, variants: Sequence[frozenset[Index]]) -> tuple[Run, ...]:
        turns: list[list[_Turn]] = [[self._turn(statement, text, variant)] for variant in variants]
        wanted = [_turns(first.times_ms[0] * len(statement.samples)) for (first,) in turns]
        for number in range(1, max(wanted, default=1)):
            order = range(len(variants)) if number % 2 == 0 else reversed(range(len(variants)))
            for at in order:
                if number < wanted[at]:
                    turns[at].append(self._turn(statement, text, variants[at]))
        return tuple(self._sum_up(statement, one, variants[at]) for at, one in enumerate(turns))

    def _turn(self, statement: Statement, text: str, indexes: frozenset[Index]) -> "_Turn":
        try:
            with self._only(statement, indexes):
                plan = self._once(text)
                if _took_ms(plan) > SLOW_MS:
                    return _Turn((_took_ms(plan),), plan)
                times = []
                for _ in range(RUNS_IN_A_TURN if _took_ms(plan) < QUICK_MS else 1):
                    plan = self._once(text)
                    times.append(_took_ms(plan))
                return _Turn(tuple(times), plan)
        except psycopg.errors.QueryCanceled:
            with self._only(statement, indexes):
                return _Turn((self.timeout_s * 1000,), {"Plan": dict(explain(self.connection, text).facts)}, True)

    def _once(self, text: str) -> Mapping[str, Any]:
        with self.connection.transaction(force_rollback=True):
            command = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {text}"
            row = self.connection.execute(command.encode()).fetchone()
        assert row is not None
        plans = row[0] if isinstance(row[0], list) else json.loads(row[0])
        return dict(plans[0])

    @contextmanager
    def _only(self, statement: Statement, indexes: frozenset[Index]) -> Iterator[None]:
        """Let none but these of the built indexes be seen until the block ends."""
        with self.connection.transaction(force_rollback=True):
            for index in set(self.names) - indexes:
                self.connection.execute(f"DROP INDEX {self.names[index][0]}".encode())
            if statement.search_path is not None:
                self.connection.execute("SELECT set_config('search_path', %s, true)", (statement.search_path,))
            self.connection.execute(
                "SELECT set_config('statement_timeout', %s, true)", (f"{round(self.timeout_s * 1000)}ms",)
            )
            if statement.role:
                self.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(statement.role)))
            yield

    def _sum_up(self, statement: Statement, turns: "Sequence[_Turn]", indexes: frozenset[Index]) -> Run:
        times = sorted(time for turn in turns for time in turn.times_ms)
        node = make_node(turns[-1].plan["Plan"])
        return Run(
            ms=statistics.median(times),
            spread_ms=_interquartile(times),
            buffers=_buffers(node),
            plan=show_plan(node),
            used=self._known(statement, node.index_names(), indexes),
            cost=node.cost,
            runs=len(times),
            is_lower_bound=any(turn.timed_out for turn in turns),
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    times_ms: tuple[float, ...]
    plan: Mapping[str, Any]
    timed_out: bool = False


def _turns(first_ms: float) -> int:
    """Return how often a variant runs, by what it took at first."""
    if first_ms > SLOW_MS:
        return 1
    return max(LEAST_TURNS, min(MOST_TURNS, int(TURNS_S * 1000 / (RUNS_IN_A_TURN + 1) / max(first_ms, 0.01))))


def _took_ms(plan: Mapping[str, Any]) -> float:
    return float(plan["Planning Time"]) + float(plan["Execution Time"])


def _buffers(node: Node) -> int:
    return int(node.facts.get("Shared Hit Blocks", 0)) + int(node.facts.get("Shared Read Blocks", 0))


def _interquartile(times: Sequence[float]) -> float:
    if len(times) < 3:
        return 0.0
    low, _, high = statistics.quantiles(times, n=4, method="inclusive")
    return high - low


def _mean(runs: Sequence[Run]) -> Run:
    """Return several samples as one statement: means, and the plan of the slowest."""
    if not runs:
        return Run(0.0, 0.0, 0, "", frozenset(), 0.0, 0)
    slowest = max(runs, key=lambda one: one.ms)
    return Run(
        ms=statistics.fmean(one.ms for one in runs),
        spread_ms=statistics.fmean(one.spread_ms for one in runs),
        buffers=round(statistics.fmean(one.buffers for one in runs)),
        plan=slowest.plan,
        used=frozenset(index for one in runs for index in one.used),
        cost=statistics.fmean(one.cost for one in runs),
        runs=sum(one.runs for one in runs),
        is_lower_bound=any(one.is_lower_bound for one in runs),
    )
