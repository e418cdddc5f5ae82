"""Which indexes are worth advising, by runs that are written down here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from candlefish.advise.advice import WritePrice
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.proof.judge import Judge, Run
from candlefish.advise.statements import Statement, Table

A, B, C = (Index(Table("public", "t"), (Key(name),)) for name in "abc")


def statement(name: str, calls: float = 100.0) -> Statement:
    return Statement(name, f"select {name}", "select", (f"select {name}",), calls)


@dataclass
class Written:
    """Statements that take what a function of the indexes says; the planner reads no more of them than it needs."""

    times: dict[str, Callable[[frozenset[Index]], float]]
    spread_ms: float = 0.0
    asked: list[tuple[str, int]] = field(default_factory=list)

    def used(self, statement: Statement, indexes: frozenset[Index]) -> frozenset[Index]:
        time, used = self.times[statement.id], indexes
        for one in sorted(indexes, key=lambda index: index.render()):
            if time(used - {one}) == time(indexes):
                used -= {one}
        return used

    def run(self, statement: Statement, variants: Sequence[frozenset[Index]]) -> tuple[Run, ...]:
        self.asked.append((statement.id, len(variants)))
        time = self.times[statement.id]
        return tuple(Run(time(one), self.spread_ms, 1, "", self.used(statement, one), 1.0, 5) for one in variants)


def judge(bench: Written, *statements: Statement, prices: dict[Index, float] | None = None) -> Judge:
    def price_of(index: Index) -> WritePrice | None:
        return WritePrice(ms_per_hour=(prices or {}).get(index, 0.0))

    return Judge(bench, lambda _: statements, price_of)


def test_an_index_that_makes_a_statement_faster_is_kept_with_what_it_saves() -> None:
    bench = Written({"s": lambda indexes: 1.0 if A in indexes else 50.0})
    found = judge(bench, statement("s")).decide([A])
    ((effect,),) = found.kept.values()
    assert (effect.before_ms, effect.after_ms, effect.calls_per_hour) == (50.0, 1.0, 100.0)
    assert not found.sent_back


def test_an_index_that_nobody_uses_is_sent_back() -> None:
    bench = Written({"s": lambda indexes: 1.0 if A in indexes else 50.0})
    found = judge(bench, statement("s")).decide([A, B])
    assert set(found.kept) == {A}
    assert found.sent_back[B][0] == "no statement uses it where it is built"


def test_of_two_that_do_the_same_one_stays() -> None:
    bench = Written({"s": lambda indexes: 1.0 if indexes else 50.0})
    found = judge(bench, statement("s")).decide([A, B])
    assert len(found.kept) == 1
    assert len(found.sent_back) == 1


def test_two_that_help_only_together_both_stay() -> None:
    bench = Written({"s": lambda indexes: 1.0 if {A, B} <= indexes else 50.0})
    assert set(judge(bench, statement("s")).decide([A, B]).kept) == {A, B}


def test_an_index_that_costs_its_writers_more_than_it_saves_is_sent_back_with_both_figures() -> None:
    bench = Written({"s": lambda indexes: 1.0 if A in indexes else 2.0})
    found = judge(bench, statement("s"), prices={A: 101.0}).decide([A])
    assert found.sent_back[A][0] == "costs those who write 101 ms an hour, more than it saves those who read"
    assert set(judge(bench, statement("s"), prices={A: 50.0}).decide([A]).kept) == {A}


def test_an_index_that_makes_statements_slower_is_sent_back() -> None:
    bench = Written({"s": lambda indexes: 50.0 if A in indexes else 1.0})
    found = judge(bench, statement("s")).decide([A])
    assert found.sent_back[A][0] == "no statement got faster by it"
    assert found.regressions == ()
    assert found.after["s"].ms == 1.0


def test_what_gets_slower_for_the_good_of_others_is_listed() -> None:
    bench = Written(
        {"s": lambda indexes: 1.0 if A in indexes else 50.0, "r": lambda indexes: 3.0 if A in indexes else 2.0}
    )
    found = judge(bench, statement("s"), statement("r")).decide([A])
    assert set(found.kept) == {A}
    ((name, before, after),) = ((one.statement_id, one.before_ms, one.after_ms) for one in found.regressions)
    assert (name, before, after) == ("r", 2.0, 3.0)


def test_a_difference_that_the_spread_explains_is_none() -> None:
    bench = Written({"s": lambda indexes: 49.0 if A in indexes else 50.0}, spread_ms=2.0)
    assert judge(bench, statement("s")).decide([A]).sent_back[A][0] == "no statement got faster by it"


@pytest.mark.parametrize(("after", "kept"), [(94.0, False), (80.0, True)])
def test_a_little_of_one_statement_among_heavier_ones_is_not_worth_an_index(after: float, kept: bool) -> None:
    bench = Written({"s": lambda indexes: after if A in indexes else 100.0, "heavy": lambda _: 5000.0})
    found = judge(bench, statement("s"), statement("heavy")).decide([A])
    assert (A in found.kept) is kept


def test_only_statements_that_used_what_went_run_again() -> None:
    bench = Written(
        {"s": lambda indexes: 1.0 if A in indexes else 50.0, "r": lambda indexes: 51.0 if B in indexes else 50.0}
    )
    judge(bench, statement("s"), statement("r")).decide([A, B])
    assert [name for name, _ in bench.asked].count("s") == 1
    assert [name for name, _ in bench.asked].count("r") == 2


def test_a_second_judgement_goes_on_from_the_first_also_for_statements_that_it_no_longer_asks() -> None:
    bench = Written({"s": lambda indexes: 1.0 if indexes else 50.0, "other": lambda _: 7.0})
    concerned = {A: (statement("s"), statement("other")), B: (statement("s"),)}
    judge = Judge(bench, lambda index: concerned[index], lambda _: None)
    first = judge.decide([A])
    second = judge.decide([B], first)
    assert set(second.kept) == {B}
    assert {name: run.ms for name, run in second.before.items()} == {"s": 50.0, "other": 7.0}
    assert {name: run.ms for name, run in second.after.items()} == {"s": 1.0, "other": 7.0}
    assert second.calls == {"s": 100.0, "other": 100.0}
