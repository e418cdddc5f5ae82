"""The whole search on one connection: from statements to the indexes that the planner would like best."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Final

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.candidates.partial import share_of_predicate
from candlefish.advise.index.definition import Index
from candlefish.advise.index.objective import Objective
from candlefish.advise.index.price import estimate_ms_per_hour
from candlefish.advise.index.problem import Problem, leaves_of, make_problem
from candlefish.advise.index.selection import Search
from candlefish.advise.index.size import estimate_size_bytes
from candlefish.advise.index.whatif import WhatIf
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Statement, Workload

SEARCH_S: Final = 8.0
"""How long the search may take beyond the questions of each statement alone; the first answer is there after a second
mostly, the rest mends it by parts of a per cent."""

BUDGET_RATIO: Final = 0.5
"""Of the tables' size: the storage that new indexes may take where nobody says otherwise."""


LEAST_BUDGET_BYTES: Final = 64 << 20
"""So much is nothing beside any server's disk."""


KEPT_RATIO, KEPT_TINY_RATIO = 0.5, 0.25
"""Of what an index saves by the planner's word: a smaller one that saves so much of it is worth a measurement; a
quarter is enough for one of a tenth of its size, such as block ranges, which the planner thinks little of."""

SMALLER_RATIO: Final = 0.85
"""Of an index's size, for one that may take its place."""

MOST_INSTEAD: Final = 4
"""Smaller ones that are built and measured for each index."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the search chose, with what it was chosen from and by which figures."""

    chosen: frozenset[Index] = frozenset()
    problem: Problem = field(default_factory=Problem)
    before_cost: float = 0.0
    after_cost: float = 0.0
    asked: int = 0
    refused: dict[Index, str] = field(default_factory=dict)
    instead: dict[Index, tuple[Index, ...]] = field(default_factory=dict)
    """Smaller indexes that the planner likes nearly as well, the smallest first."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Storage in bytes (None: half the tables' size), seconds, whether HypoPG's own sizes count.

    `with_instead` False leaves out what only a measurement makes use of.
    """

    budget_bytes: int | None = None
    seconds: float = SEARCH_S
    hypopg_sizes: bool = False
    with_instead: bool = True


def search(
    connection: Connection,
    workload: Workload,
    catalog: Catalog,
    options: SearchOptions,
    on_statement: Callable[[int], None] = lambda _: None,
) -> Found:
    """Return the indexes that make the workload cheapest by what the planner says; nothing is built."""
    whatif = WhatIf(connection, leaves_of(catalog))
    try:
        problem = make_problem(workload.statements, catalog, whatif, on_statement)
        return _choose(whatif, problem, workload, catalog, options)
    finally:
        whatif.close()


def _choose(whatif: WhatIf, problem: Problem, workload: Workload, catalog: Catalog, options: SearchOptions) -> Found:
    def price(index: Index) -> float:
        facts = catalog.tables[index.table]
        return estimate_ms_per_hour(index, facts, workload.writes.get(index.table), share_of_predicate(index, facts))

    def size(index: Index) -> int:
        if options.hypopg_sizes:
            return whatif.size_bytes(index)
        facts = catalog.tables[index.table]
        return estimate_size_bytes(index, facts, share_of_predicate(index, facts))

    objective = Objective(whatif, tuple(problem.questions), price)
    budget = options.budget_bytes if options.budget_bytes is not None else default_budget_bytes(problem, catalog)
    chosen = Search(
        objective,
        tuple(problem.candidates),
        size,
        budget,
        monotonic() + options.seconds,
        tuple(problem.wishes),
    ).run()
    return Found(
        chosen=chosen,
        problem=problem,
        before_cost=objective.total(frozenset()),
        after_cost=objective.total(chosen),
        asked=whatif.asked,
        refused=dict(whatif.refused),
        instead={index: _instead(index, chosen, objective, problem, size) for index in chosen}
        if options.with_instead
        else {},
    )


def _instead(
    index: Index,
    chosen: frozenset[Index],
    objective: Objective,
    problem: Problem,
    size: Callable[[Index], int],
) -> tuple[Index, ...]:
    """Return smaller candidates for the same table with which the workload costs nearly as little."""
    with_it, without = objective.total(chosen), objective.total(chosen - {index})

    def is_worth(one: Index) -> bool:
        kept = KEPT_TINY_RATIO if size(one) < size(index) / 10 else KEPT_RATIO
        return objective.total(chosen - {index} | {one}) <= without - (without - with_it) * kept

    smaller = (one for one in (*problem.proposed, *problem.candidates) if one.table == index.table)
    found = sorted({one for one in smaller if size(one) < SMALLER_RATIO * size(index)} - chosen, key=size)
    return tuple(islice(filter(is_worth, found), MOST_INSTEAD))


def default_budget_bytes(problem: Problem, catalog: Catalog) -> int:
    """Return half the size of the tables that the statements read, and no less than LEAST_BUDGET_BYTES."""
    tables = {access.table for accesses in problem.accesses.values() for access in accesses}
    size = sum(catalog.tables[table].size_bytes for table in tables if table in catalog.tables)
    return max(round(BUDGET_RATIO * size), LEAST_BUDGET_BYTES)


def statements_of(problem: Problem, index: Index) -> tuple[Statement, ...]:
    """Return the statements that an index could serve."""
    return tuple(problem.statements[one.id] for one in problem.questions if one.concerns(index))
