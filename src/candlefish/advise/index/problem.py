"""From a workload to the problem of the search: its statements as questions, and the candidates worth a thought."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import psycopg

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.candidates.propose import propose
from candlefish.advise.index.definition import Index
from candlefish.advise.index.merging import merged
from candlefish.advise.index.objective import Question
from candlefish.advise.index.weights import weigh
from candlefish.advise.index.whatif import WhatIf
from candlefish.advise.plans.access import Access, Predicate
from candlefish.advise.plans.conditions import strip_cast
from candlefish.advise.plans.explain import Node
from candlefish.advise.plans.reading import read_accesses
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.statements import Skipped, Statement, Table

WORTH_RATIO: Final = 0.01
"""Of a statement's cost: what an index must save it alone, or together with the others, to be thought of."""

OFFERS: Final = 3
"""Times a statement is offered what is left after its favourites are taken away: second and third choices share better
with other statements."""

MOST_MERGED: Final = 60
"""Candidates of one table up to which all pairs are merged; of more, the heaviest."""


@dataclass(slots=True)
class Problem:
    """Questions and candidates.

    `proposed` is all that HypoPG can tell of, `candidates` what is worth a thought; `wishes` are what each statement
    would choose for itself; `unseen` are candidates that HypoPG can't tell of, with the statements that proposed them.
    """

    questions: list[Question] = field(default_factory=list)
    statements: dict[str, Statement] = field(default_factory=dict)
    accesses: dict[str, tuple[Access, ...]] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    proposed: dict[Index, None] = field(default_factory=dict)
    candidates: dict[Index, float] = field(default_factory=dict)
    wishes: dict[Index, None] = field(default_factory=dict)
    unseen: dict[Index, list[str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def make_problem(
    statements: Iterable[Statement],
    catalog: Catalog,
    whatif: WhatIf,
    on_statement: Callable[[int], None] = lambda _: None,
) -> Problem:
    """Return the problem of a workload; a statement that can't be planned is reported and stops nothing."""
    problem = Problem()
    roots = roots_of(catalog)
    for number, statement in enumerate(statements):
        on_statement(number)
        try:
            _add(problem, statement, catalog, whatif, roots)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            problem.skipped.append(Skipped(statement.text, _words(error)))
    _add_merged(problem, whatif)
    return problem


def roots_of(catalog: Catalog) -> dict[Table, Table]:
    """Return the partitioned table at the top for each partition."""
    roots = {}
    for table, facts in catalog.tables.items():
        top = facts.parent
        while top is not None:
            roots[table] = top
            above = catalog.tables.get(top)
            top = above.parent if above is not None else None
    return roots


def leaves_of(catalog: Catalog) -> dict[Table, tuple[Table, ...]]:
    """Return the partitions that hold rows for each partitioned table."""
    leaves: dict[Table, list[Table]] = {}
    for table, root in roots_of(catalog).items():
        if catalog.tables[table].kind == "table":
            leaves.setdefault(root, []).append(table)
    return {root: tuple(tables) for root, tables in leaves.items()}


def _add(
    problem: Problem, statement: Statement, catalog: Catalog, whatif: WhatIf, roots: Mapping[Table, Table]
) -> None:
    plans = _plans(statement, whatif, problem.skipped)
    statement = replace(statement, samples=tuple(plans))
    read = [read_accesses(plan, roots) for plan in plans.values()]
    accesses = tuple(dict.fromkeys(access for found in read for access in found))
    proposed = propose(accesses, catalog, _fixed(read, statement))
    usable = whatif.usable(proposed)
    before = sum(whatif.plan(text, frozenset()).cost for text in statement.samples) / len(statement.samples)
    problem.proposed |= dict.fromkeys(usable)
    weight = weigh(statement, before)
    question = Question(statement.id, statement.samples, weight, _columns(accesses, catalog))
    problem.questions.append(question)
    problem.statements[statement.id] = statement
    problem.accesses[statement.id] = accesses
    problem.costs[statement.id] = before
    for index in set(proposed) - set(usable) - set(whatif.refused):
        problem.unseen.setdefault(index, []).append(statement.id)
    for text in statement.samples:
        _offer(problem, whatif, text, usable, weight / len(statement.samples))


def _plans(statement: Statement, whatif: WhatIf, skipped: list[Skipped]) -> dict[str, Node]:
    """Return the plan of each sample that has one, the others are skipped; psycopg's error where none has."""
    whatif.roles |= dict.fromkeys(statement.samples, statement.role)
    plans: dict[str, Node] = {}
    failures: dict[str, psycopg.Error] = {}
    for text in statement.samples:
        try:
            plans[text] = whatif.explain(text, verbose=True)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            failures[text] = error
    if failures and not plans:
        raise next(iter(failures.values()))
    skipped += [Skipped(text, _words(error)) for text, error in failures.items()]
    return plans


def _words(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).strip()


def _offer(problem: Problem, whatif: WhatIf, text: str, usable: tuple[Index, ...], weight: float) -> None:
    """Note what a text would use, by itself and one at a time, with what each saves."""
    before = whatif.plan(text, frozenset()).cost
    rest = frozenset(usable)
    favourites: dict[Index, None] = {}
    for at in range(OFFERS):
        planned = whatif.plan(text, rest)
        if planned.cost > before * (1 - WORTH_RATIO):
            break
        favourites |= dict.fromkeys(planned.used)
        if not at:
            problem.wishes |= dict.fromkeys(planned.used)
        rest -= planned.used
    if not favourites:
        return
    for index in usable:
        saved = before - whatif.plan(text, frozenset({index})).cost
        if index in favourites or saved > before * WORTH_RATIO:
            problem.candidates[index] = problem.candidates.get(index, 0.0) + max(saved, 0.0) * weight


def _add_merged(problem: Problem, whatif: WhatIf) -> None:
    by_table: dict[Table, list[Index]] = {}
    for index in sorted(problem.candidates, key=lambda one: -problem.candidates[one]):
        by_table.setdefault(index.table, []).append(index)
    for indexes in by_table.values():
        for index in whatif.usable(merged(indexes[:MOST_MERGED])):
            problem.candidates.setdefault(index, 0.0)


def _fixed(read: list[tuple[Access, ...]], statement: Statement) -> frozenset[str]:
    """Return the conditions that stand in every sample of a statement, constants made from statistics left out."""
    conditions = [
        frozenset(one.text for access in accesses for one in _all(access) if _is_its_own(one, statement))
        for accesses in read
    ]
    return frozenset.intersection(*conditions) if conditions else frozenset()


def _all(access: Access) -> tuple[Predicate, ...]:
    return (*access.predicates, *(one for branches in access.branches for branch in branches for one in branch))


def _is_its_own(predicate: Predicate, statement: Statement) -> bool:
    if not predicate.constant:
        return False
    value = strip_cast(predicate.value)
    return statement.constants_seen or value in ("", "true", "false") or value in statement.text


def _columns(accesses: tuple[Access, ...], catalog: Catalog) -> dict[Table, frozenset[str]]:
    columns: dict[Table, frozenset[str]] = {}
    for access in accesses:
        facts = catalog.tables.get(access.table)
        names = set(access.needed or ())
        texts = [one.expression for branch in (access.predicates, *sum(access.branches, ())) for one in branch]
        texts += [key.expression for keys in (*access.orders, *access.groups) for key in keys]
        for text in texts:
            names |= {unquote(token.text) for token in tokenize(text) if token.kind in ("word", "quoted")}
        known = frozenset(facts.columns) if facts is not None else frozenset()
        columns[access.table] = columns.get(access.table, frozenset()) | (names & known)
    return columns
