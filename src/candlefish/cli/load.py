"""`candlefish load`: bring a database into the tier, from a dump or a running server."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from candlefish.cli.options import JsonOption, NameOption, YesOption, running_stack
from candlefish.engines.stack import Stack, name_option
from candlefish.errors import UsageError
from candlefish.migrate.load import Order, count_relations, load_database, preview
from candlefish.migrate.model import LoadReport, NotTaken
from candlefish.migrate.preview import Preview
from candlefish.units import render_bytes, render_seconds

SHOWN_FAILURES = 20
"""Failures that the text names; `--json` has up to 500."""


def load(
    source: Annotated[
        str, typer.Argument(metavar="DUMP_OR_DSN", help="A dump (plain SQL, -Fc, -Fd, -Ft) or postgresql://...")
    ],
    database: Annotated[
        str,
        typer.Option("--database", "-d", help="Load under this name, with endpoints of its own.", show_default=False),
    ] = "",
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, max=64, help="Connections that restore at once.", show_default="cores"),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of what is there. Asks first.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Replace even by a copy that lacks something.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be loaded, and change nothing.")] = False,
    yes: YesOption = False,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring any PostgreSQL database into the tier. Ends with 1 when something of it could not be taken."""
    stack = running_stack(name)
    stack.require_running()
    order = Order(
        source,
        database or stack.plan.postgres.database,
        jobs=jobs or stack.plan.machine.cores,
        replace=replace,
        partial=partial,
    )
    if dry_run:
        found = preview(order, stack, scratch=stack.state.root)
        print(_to_json(found) if as_json else "\n".join(_describe_preview(found)))
        raise typer.Exit(1 if found.failed else 0)
    if replace and not yes:
        _confirm(order, stack)
    with show_bar(quiet=as_json) as bar:
        report = load_database(order, stack, scratch=stack.state.root, progress=bar)
    print(_to_json(report) if as_json else "\n".join(_describe(report, stack)))
    raise typer.Exit(1 if report.failed else 0)


def _confirm(order: Order, stack: Stack) -> None:
    relations = count_relations(stack, order.name)
    if not relations:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"nobody is there to confirm that {order.name} with {relations} relations may be replaced",
            hint="add --yes to replace without a question",
        )
    typer.confirm(f"Replace the database {order.name}, which holds {relations} relations?", abort=True)


class Bar:
    """One bar for each phase on a terminal, one line for each elsewhere."""

    def __init__(self, shown: Progress | None, *, quiet: bool) -> None:
        self._shown = shown
        self._quiet = quiet
        self._task = None if shown is None else shown.add_task("reading")

    def phase(self, text: str, total: int = 0) -> None:
        """Begin a phase."""
        if self._shown is not None and self._task is not None:
            self._shown.reset(self._task, description=text, total=total or None)
        elif not self._quiet:
            print(text, file=sys.stderr, flush=True)

    def advance(self, done: int) -> None:
        """Say how much of the phase is done."""
        if self._shown is not None and self._task is not None:
            self._shown.update(self._task, completed=done)


@contextmanager
def show_bar(*, quiet: bool) -> Iterator[Bar]:
    """Give what shows the progress of a load on stderr."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Bar(None, quiet=quiet)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield Bar(shown, quiet=quiet)


def _to_json(found: LoadReport | Preview) -> str:
    return json.dumps(asdict(found), indent=2)


def _describe(report: LoadReport, stack: Stack) -> Iterator[str]:
    there = report.contents
    if report.installed:
        verb = "replaced by" if report.replaced else "loaded from"
        yield f"candlefish: {report.database} {verb} {report.source} in {render_seconds(report.seconds)}"
    else:
        yield f"candlefish: {report.database} is unchanged: the copy of {report.source} is incomplete"
    parts = f" and {there.partitions} partitions" if there.partitions else ""
    yield f"  tables      {there.tables}{parts}"
    yield f"  rows        {'' if there.rows_exact else 'about '}{there.rows:,}"
    yield f"  indexes     {there.indexes}"
    yield f"  views       {there.views}, and {there.materialized_views} materialized"
    yield f"  sequences   {there.sequences}"
    yield f"  functions   {there.functions}, triggers {there.triggers}"
    if there.large_objects:
        yield f"  large objects  {there.large_objects}"
    yield f"  extensions  {', '.join(there.extensions) or 'none'}"
    yield f"  size        {render_bytes(there.size_bytes)}"
    if report.installed and len(stack.plan.postgres.nodes) > 1:
        yield f"  replicas    {report.replicas} of {len(stack.plan.postgres.nodes) - 1} have all of it"
    yield from (f"  note        {note}" for note in report.notes)
    yield from _describe_missing(report.left_out, report.failed, report.not_taken)
    if report.installed:
        own = report.database == stack.plan.postgres.database
        option = "" if own else f" --database {report.database}"
        yield f"  endpoints   candlefish env{name_option(stack.plan.name)}{option}"
    else:
        yield "  to have it in spite of that, add --partial"


def _describe_preview(found: Preview) -> Iterator[str]:
    unit = {"plain": "statements", "server": "tables"}.get(found.kind, "items")
    version = f" of PostgreSQL {found.version}" if found.version else ""
    yield f"candlefish: would load {found.source} as {found.database}; nothing was changed"
    yield f"  source      {found.kind}{version}, {found.items} {unit}"
    if found.replaces:
        yield f"  replaces    a database with {found.replaces} relations (--replace)"
    yield from _describe_missing(found.left_out, found.failed, found.not_taken)


def _describe_missing(left_out: dict[str, int], failed: int, failures: tuple[NotTaken, ...]) -> Iterator[str]:
    if left_out:
        yield "  left out    " + ", ".join(f"{what} ({count})" for what, count in left_out.items())
    if not failed:
        return
    yield f"  not taken   {failed}"
    for failure in failures[:SHOWN_FAILURES]:
        where = "" if failure.line is None else f"line {failure.line}: "
        yield f"    {where}{failure.what} {failure.subject}"
        yield f"      {failure.reason}"
        if failure.hint:
            yield f"      hint: {failure.hint}"
    if failed > SHOWN_FAILURES:
        yield f"    and {failed - SHOWN_FAILURES} more; `--json` lists them"
