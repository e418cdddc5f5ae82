"""`candlefish advise` as one composition: look, think, build, measure, say."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg

from candlefish.address import describe, split_password
from candlefish.advise.abilities import read_abilities
from candlefish.advise.advice import Advice
from candlefish.advise.answer import make_answer
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.connection import look_at
from candlefish.advise.index.search import Found, SearchOptions, search, statements_of
from candlefish.advise.lab.copy import COPY_LIMIT_BYTES, Source, make_copy
from candlefish.advise.lab.model import Lab
from candlefish.advise.lab.server import scratch_server
from candlefish.advise.lab.settings import read_collate, read_settings
from candlefish.advise.lints.facts import load_lint_facts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.run import run_lints
from candlefish.advise.plans.explain import Connection
from candlefish.advise.proof.trial import Trial, hold_trial
from candlefish.advise.statements import Statement, Workload
from candlefish.advise.workload.live import watch_sessions
from candlefish.advise.workload.log import load_log
from candlefish.advise.workload.pg_stat_statements import MOST_STATEMENTS, load_statements
from candlefish.advise.workload.sql_file import load_file
from candlefish.advise.workload.writes import load_writes, written_by
from candlefish.errors import BinaryMissing, EngineError

MOST_UNSEEN: Final = 20
"""Candidates that HypoPG can't tell of (GIN, GiST) which are built to find out, the heaviest statements' first."""

_NO_PLANNER: Final = (
    "no new index was looked for: neither the database nor a lab has HypoPG"
    " (`CREATE EXTENSION hypopg` in the database, or a lab with postgresql-NN-hypopg)"
)

SCRATCH, NO_LAB = "scratch", "none"


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
        workload = _workload(target, catalog, options, on_step)
        on_step(f"{len(workload.statements)} statements from {workload.source}, {len(workload.skipped)} left out")
        lab, missing = _lab(stack, dsn, target, catalog, options, on_step)
        abilities = read_abilities(target)
        left_out = (*(abilities.left_out() if lab is None else abilities.about_tables()), *missing)
        planner = _planner(stack, target, catalog, lab)
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
    """Return the statements, with what is written: as the server counted it, or as the file says."""
    if options.workload is not None:
        workload = load_file(options.workload)
        return replace(workload, writes=written_by(workload, catalog))
    if options.log is not None:
        workload = load_log(target, catalog, options.log, limit=options.most_statements)
    elif options.live_s:
        on_step(f"watching the sessions for {options.live_s:g} s")
        workload = watch_sessions(target, catalog, watch_s=options.live_s, limit=options.most_statements)
    else:
        workload = load_statements(target, catalog, limit=options.most_statements)
    return replace(workload, writes=load_writes(target, catalog, workload))


def _lab(
    stack: ExitStack,
    dsn: str,
    target: Connection,
    catalog: Catalog,
    options: AdviseOptions,
    on_step: Callable[[str], None],
) -> tuple[Lab | None, tuple[str, ...]]:
    if options.lab == NO_LAB:
        return None, ("nothing was built or measured: --lab none",)
    if options.lab != SCRATCH:
        return Lab(options.lab, "given copy"), ()
    try:
        return stack.enter_context(_scratch_lab(dsn, target, catalog, options, on_step)), ()
    except (BinaryMissing, EngineError) as error:
        return None, (f"nothing was built or measured: {error.message} ({error.detail or error.hint})",)


@contextmanager
def _scratch_lab(
    dsn: str, target: Connection, catalog: Catalog, options: AdviseOptions, on_step: Callable[[str], None]
) -> Iterator[Lab]:
    on_step("starting a server of its own to measure in")
    major = catalog.server_version // 10000
    with scratch_server(read_settings(target), collate=read_collate(target), major=major) as server:
        source = Source(*split_password(dsn))
        yield make_copy(server, source, catalog, limit_bytes=options.copy_limit_bytes, on_step=on_step)


def _planner(stack: ExitStack, target: Connection, catalog: Catalog, lab: Lab | None) -> Connection | None:
    """Return where what-if questions are asked: the lab when it is whole, the database itself where it has HypoPG."""
    if lab is not None and (lab.is_full or "hypopg" not in catalog.extensions):
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
