"""`candlefish advise`: which indexes a database needs, proved by building them on a copy and running its statements."""

import sys
from typing import Annotated, Final

import typer
from rich.console import Console

from candlefish.advise.advice import Advice, Recommendation
from candlefish.advise.advisor import AdviseOptions
from candlefish.advise.advisor import advise as make_advice
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.sql import render_sql
from candlefish.advise.apply.watch import require_counts
from candlefish.advise.index.search import SEARCH_S, SearchOptions
from candlefish.advise.lab.open import NO_LAB, SCRATCH
from candlefish.advise.workload.pg_stat_statements import MOST_STATEMENTS
from candlefish.cli.advice_changes import apply_changes, undo_changes, watch_changes
from candlefish.cli.advice_files import AdviceFiles
from candlefish.cli.advise_options import (
    COPY_LIMIT,
    AfterOption,
    AlembicOption,
    ApplyOption,
    BudgetOption,
    CopyLimitOption,
    DjangoOption,
    DryRunOption,
    HypopgSizesOption,
    LabOption,
    LiveOption,
    LogOption,
    OnlyOption,
    ReplicaOption,
    SearchOption,
    SqlOption,
    StatementsOption,
    UndoOption,
    WaitOption,
    WatchOption,
    WorkloadOption,
)
from candlefish.cli.html_page import HtmlOption, write_page
from candlefish.cli.narrator import narrate
from candlefish.cli.options import JsonOption
from candlefish.errors import UsageError
from candlefish.report.advice import advice_report
from candlefish.report.advice_html import render_advice_html
from candlefish.report.advice_json import render_advice_json
from candlefish.units import parse_bytes, parse_seconds

PIPE_WIDTH: Final = 150
"""Columns where no terminal says."""


def advise(
    dsn: Annotated[str, typer.Argument(metavar="DSN", help="postgresql://USER:PASSWORD@HOST:PORT/DATABASE")],
    workload: WorkloadOption = None,
    log: LogOption = None,
    live: LiveOption = "",
    replica: ReplicaOption = None,
    lab: LabOption = SCRATCH,
    budget: BudgetOption = "",
    copy_limit: CopyLimitOption = COPY_LIMIT,
    statements: StatementsOption = MOST_STATEMENTS,
    search_seconds: SearchOption = SEARCH_S,
    hypopg_sizes: HypopgSizesOption = False,
    apply_it: ApplyOption = False,
    only: OnlyOption = None,
    watch: WatchOption = "",
    undo_it: UndoOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = "10min",
    sql: SqlOption = None,
    alembic: AlembicOption = None,
    django: DjangoOption = None,
    after: AfterOption = "",
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which indexes a PostgreSQL database needs, and prove each by measuring it.

    Without `--apply` nothing is changed in the database: it is copied into a server that candlefish starts for it,
    where every index that looks good is built, and the statements run with and without it. What measuring does not
    confirm is withheld.
    """
    if sum(map(bool, (workload, log, live))) > 1:
        raise UsageError("more than one workload was given", hint="name one of --workload, --log and --live")
    files = AdviceFiles(sql, alembic, django, after)
    files.check()
    patience = Patience(wait_s=_seconds("--wait", wait))
    watch_s = _watch_s(watch, undo_it or dry_run)
    if undo_it:
        undo_changes(dsn, tuple(only or ()), patience, as_json)
        return
    if watch_s is not None and not apply_it:
        watch_changes(dsn, watch_s, patience, as_json)
        return
    if watch_s is not None:
        require_counts(dsn)
    options = AdviseOptions(
        workload=workload,
        log=log,
        live_s=_seconds("--live", live) if live else 0.0,
        replicas=tuple(replica or ()),
        lab=lab if lab in (SCRATCH, NO_LAB) or "=" in lab or "://" in lab else _no_lab(lab),
        copy_limit_bytes=_size("--copy-limit", copy_limit),
        most_statements=statements,
        search=SearchOptions(_size("--budget", budget) if budget else None, search_seconds, hypopg_sizes),
    )
    with narrate("advise") as narrator:
        advice = make_advice(dsn, options, narrator.step)
    if as_json:
        print(render_advice_json(advice))
    else:
        _show(advice)
    if html is not None:
        write_page(html, render_advice_html(advice))
    chosen = _chosen(advice, tuple(only or ()))
    files.write(chosen)
    if dry_run:
        print(render_sql(chosen), file=sys.stderr if as_json else sys.stdout)
    elif apply_it:
        apply_changes(dsn, chosen, patience, watch_s, as_json)


def _show(advice: Advice) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(advice_report(advice))


def _chosen(advice: Advice, only: tuple[str, ...]) -> tuple[Recommendation, ...]:
    known = {one.id: one for one in advice.recommendations}
    if unknown := [name for name in only if name not in known]:
        raise UsageError(f"--only {unknown[0]} names no recommendation", hint=f"there are {', '.join(known) or 'none'}")
    return tuple(known[name] for name in only) if only else advice.recommendations


def _watch_s(watch: str, is_nothing_built: bool) -> float | None:
    if watch and is_nothing_built:
        raise UsageError("--watch was given with --undo or --dry-run", hint="give it with --apply, or alone afterwards")
    return _seconds("--watch", watch) if watch else None


def _seconds(option: str, text: str) -> float:
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from error


def _size(option: str, text: str) -> int:
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from error


def _no_lab(lab: str) -> str:
    raise UsageError(f"--lab {lab} is no lab", hint="write scratch, none, or the address of a copy: postgresql://...")
