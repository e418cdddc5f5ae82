"""`candlefish advise`: which indexes a database needs, proved by building them on a copy and running its statements."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from candlefish.advise.advice import Advice, Recommendation
from candlefish.advise.advisor import AdviseOptions
from candlefish.advise.advisor import advise as make_advice
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.sql import render_sql
from candlefish.advise.index.search import SEARCH_S, SearchOptions
from candlefish.advise.lab.copy import COPY_LIMIT_BYTES
from candlefish.advise.lab.open import NO_LAB, SCRATCH
from candlefish.advise.workload.pg_stat_statements import MOST_STATEMENTS
from candlefish.cli.html_page import HtmlOption, write_page
from candlefish.cli.narrator import narrate
from candlefish.cli.options import JsonOption
from candlefish.errors import UsageError
from candlefish.report.advice import advice_report
from candlefish.report.advice_html import render_advice_html
from candlefish.report.advice_json import render_advice_json
from candlefish.units import parse_bytes, parse_seconds, render_bytes

PIPE_WIDTH: Final = 150
"""Columns where no terminal says."""

COPY_LIMIT: Final = render_bytes(COPY_LIMIT_BYTES).replace(" ", "")

WorkloadOption = Annotated[
    Path | None,
    typer.Option("--workload", metavar="FILE", help="A file of SQL instead of pg_stat_statements.", show_default=False),
]
LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="A PostgreSQL log: stderr, csvlog or jsonlog.", show_default=False),
]
LiveOption = Annotated[
    str, typer.Option("--live", metavar="TIME", help="Watch the sessions for so long.", show_default=False)
]
ReplicaOption = Annotated[
    list[str] | None,
    typer.Option("--replica", metavar="DSN", help="A replica, on which an index may be in use.", show_default=False),
]
LabOption = Annotated[
    str,
    typer.Option(
        "--lab",
        metavar="scratch|none|DSN",
        help="Where to build and measure: a server of its own with a copy, nowhere, or a copy of yours.",
    ),
]
BudgetOption = Annotated[
    str,
    typer.Option("--budget", metavar="SIZE", help="Storage for new indexes.", show_default="half the tables' size"),
]
CopyLimitOption = Annotated[
    str, typer.Option("--copy-limit", metavar="SIZE", help="Copy a database up to this size whole, else a sample.")
]
StatementsOption = Annotated[
    int, typer.Option("--statements", min=1, help="Look at so many statements, the heaviest first.")
]
SearchOption = Annotated[float, typer.Option("--search-seconds", min=0, help="How long to search for a better set.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Build what is advised, concurrently, in a journal.")]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID", help="Apply or undo this one alone.", show_default=False),
]
UndoOption = Annotated[bool, typer.Option("--undo", help="Take back what --apply built; nothing is advised.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the statements of --apply instead.")]
WaitOption = Annotated[
    str, typer.Option("--wait", metavar="TIME", help="How long to wait for transactions that are open.")
]
SqlOption = Annotated[
    Path | None, typer.Option("--sql", metavar="FILE", help="Write the statements to a file.", show_default=False)
]
HypopgSizesOption = Annotated[
    bool, typer.Option("--hypopg-sizes", help="Count the budget in HypoPG's sizes, as other advisors do.", hidden=True)
]


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
    undo_it: UndoOption = False,
    dry_run: DryRunOption = False,
    wait: WaitOption = "10min",
    sql: SqlOption = None,
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
    patience = Patience(wait_s=_seconds("--wait", wait))
    if undo_it:
        _undo(dsn, tuple(only or ()), patience, as_json)
        return
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
    if sql is not None:
        write_page(sql, render_sql(chosen))
    if dry_run:
        print(render_sql(chosen), file=sys.stderr if as_json else sys.stdout)
    elif apply_it:
        with narrate("apply") as narrator:
            apply(dsn, chosen, patience, narrator.step)


def _show(advice: Advice) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(advice_report(advice))


def _undo(dsn: str, only: tuple[str, ...], patience: Patience, as_json: bool) -> None:
    with narrate("undo") as narrator:
        found = undo(dsn, patience, only, narrator.step)
    if as_json:
        print(json.dumps({"undone": found.done, "left": found.skipped}))
    else:
        print("\n".join([f"taken back  {name}" for name in found.done] or ["nothing of candlefish's is there"]))


def _chosen(advice: Advice, only: tuple[str, ...]) -> tuple[Recommendation, ...]:
    known = {one.id: one for one in advice.recommendations}
    if unknown := [name for name in only if name not in known]:
        raise UsageError(f"--only {unknown[0]} names no recommendation", hint=f"there are {', '.join(known) or 'none'}")
    return tuple(known[name] for name in only) if only else advice.recommendations


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
