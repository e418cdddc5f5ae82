"""`candlefish advise` as one composition: look, think, build, measure, say."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg

from candlefish.address import describe
from candlefish.advise.abilities import read_abilities
from candlefish.advise.advice import Advice
from candlefish.advise.answer import make_answer
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.connection import look_at
from candlefish.advise.index.search import Found, SearchOptions, search, statements_of
from candlefish.advise.lab.copy import COPY_LIMIT_BYTES
from candlefish.advise.lab.model import Lab
from candlefish.advise.lab.open import SCRATCH, Original, open_lab
from candlefish.advise.lints.facts import load_lint_facts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.run import run_lints
from candlefish.advise.plans.explain import Connection
from candlefish.advise.proof.trial import Trial, hold_trial
from candlefish.advise.row_security import (
    describe_security,
    load_row_security,
    load_settings,
    with_filtered_roles,
    with_possible_roles,
)
from candlefish.advise.statements import Statement, Workload
from candlefish.advise.workload.live import watch_sessions
from candlefish.advise.workload.log import load_log
from candlefish.advise.workload.pg_stat_statements import MOST_STATEMENTS, load_statements
from candlefish.advise.workload.refused import planned_in_lab, skip_refused, without_refused
from candlefish.advise.workload.sql_file import load_file
from candlefish.advise.workload.writes import load_writes, written_by

MOST_UNSEEN: Final = 20
"""Candidates that HypoPG can't tell of (GIN, GiST) which are built to find out, the heaviest statements' first."""

_NO_PLANNER: Final = (
    "no new index was looked for: neither the database nor a lab has HypoPG"
    " (`CREATE EXTENSION hypopg` in the database, or a lab with postgresql-NN-hypopg)"
)


@dataclass(frozen=True, slots=True)
class AdviseOptions:
    """What was asked for. `workload` is a file of SQL, `log` a server's log, `live_s` seconds to watch the sessions.

    `lab` is "scratch", "none" or the address of a copy; `replicas` are addresses whose counts of use are read too.
    """

    workload: Path | None = None
    log: Path | None = None
    live_s: float = 0.0
    lab: str = SCRATCH
    copy_limit_bytes: int = COPY_LIMIT_BYTES
    most_statements: int = MOST_STATEMENTS
    replicas: tuple[str, ...] = ()
    search: SearchOptions = field(default_factory=SearchOptions)


def advise(dsn: str, options: AdviseOptions, on_step: Callable[[str], None] = lambda _: None) -> Advice:
    """Return advice for a database; nothing in it is changed."""
    begun = perf_counter()
    with look_at(dsn) as target, ExitStack() as stack:
        on_step(f"reading the catalog of {describe(dsn)}")
        catalog = load_catalog(target)
        settings = load_settings(target, catalog)
        workload = _workload(target, catalog, options, on_step)
        on_step(f"{len(workload.statements)} statements from {workload.source}, {len(workload.skipped)} left out")
        abilities = read_abilities(target)
        security = load_row_security(target, workload, settings, abilities.role)
        workload = with_filtered_roles(workload, security, abilities.role)
        original = Original(dsn, target, catalog, abilities, security)
        limit_bytes = options.copy_limit_bytes
        lab, missing = open_lab(stack, original, options.lab, copy_limit_bytes=limit_bytes, on_step=on_step)
        workload = _with_refused(workload, target, catalog, lab, options)
        left_out = (*(abilities.left_out() if lab is None else abilities.about_tables()), *missing)
        planner = _planner(stack, target, catalog, lab, workload)
        if planner is not None:
            workload, refused = _with_roles(workload, planner, lab)
            left_out = (*left_out, *refused, *describe_security(workload, security))
        lints = run_lints(catalog, load_lint_facts(target, options.replicas), workload)
        if planner is None:
            found, left_out = Found(), (*left_out, _NO_PLANNER)
        else:
            on_step("asking the planner about indexes that do not exist")
            found = search(planner, workload, catalog, replace(options.search, with_instead=lab is not None))
            on_step(f"{len(found.chosen)} of {len(found.problem.candidates)} candidates chosen, {found.asked} plans")
        trial = None if lab is None else _try(lab, found, catalog, workload, lints, on_step)
        return make_answer(catalog, workload, found, lab, trial, lints, left_out, perf_counter() - begun)


def _workload(target: Connection, catalog: Catalog, options: AdviseOptions, on_step: Callable[[str], None]) -> Workload:
    """Return the statements, those apart that this role may not have planned."""
    if options.workload is not None:
        return without_refused(target, load_file(options.workload))
    if options.log is not None:
        return load_log(target, catalog, options.log, limit=options.most_statements)
    if options.live_s:
        on_step(f"watching the sessions for {options.live_s:g} s")
        return watch_sessions(target, catalog, watch_s=options.live_s, limit=options.most_statements)
    return load_statements(target, catalog, limit=options.most_statements)


def _with_refused(
    workload: Workload, target: Connection, catalog: Catalog, lab: Lab | None, options: AdviseOptions
) -> Workload:
    """Return the workload with what only the lab plans, and with what is written: as counted, or as the file says."""
    if lab is None:
        workload = skip_refused(workload)
    elif workload.refused:
        with lab.connect() as connection:
            workload = planned_in_lab(connection, workload, catalog)
    is_file = options.workload is not None
    return replace(
        workload, writes=written_by(workload, catalog) if is_file else load_writes(target, catalog, workload)
    )


def _with_roles(workload: Workload, planner: Connection, lab: Lab | None) -> tuple[Workload, tuple[str, ...]]:
    """Return the workload with the roles that can be taken on where it is planned and run."""
    workload, refused = with_possible_roles(planner, workload)
    if lab is None:
        return workload, refused
    with lab.connect() as connection:
        workload, further = with_possible_roles(connection, workload)
    return workload, (*refused, *further)


def _planner(
    stack: ExitStack, target: Connection, catalog: Catalog, lab: Lab | None, workload: Workload
) -> Connection | None:
    """Return where what-if questions are asked: the database itself where it has HypoPG and plans every statement.

    A lab that is whole answers the same, and is nobody's burden.
    """
    is_asked_as_others = bool(workload.refused) or any(one.role for one in workload.statements)
    if lab is not None and (lab.is_full or is_asked_as_others or "hypopg" not in catalog.extensions):
        connection = stack.enter_context(lab.connect())
        try:
            connection.execute("CREATE EXTENSION IF NOT EXISTS hypopg")
        except psycopg.errors.DatabaseError:
            return target if "hypopg" in catalog.extensions else None
        return connection
    return target if "hypopg" in catalog.extensions else None


def _try(
    lab: Lab,
    found: Found,
    catalog: Catalog,
    workload: Workload,
    lints: LintResult,
    on_step: Callable[[str], None],
) -> Trial:
    problem = found.problem
    weights = {index: sum(_weight(problem.statements[one]) for one in by) for index, by in problem.unseen.items()}
    unseen = sorted(weights, key=lambda index: -weights[index])
    candidates = (*sorted(found.chosen, key=lambda one: one.render()), *unseen[:MOST_UNSEEN])
    references = dict(zip(lints.foreign_keys, lints.unindexed, strict=True))
    concerned = partial(statements_of, problem)
    return hold_trial(lab, candidates, concerned, catalog, workload, references, found.instead, on_step)


def _weight(statement: Statement) -> float:
    return statement.calls_per_hour * (statement.mean_ms or 1.0)
