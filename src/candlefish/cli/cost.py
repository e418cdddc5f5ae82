"""`candlefish cost`: what the spec costs on AWS in a month, line by line, from dated prices."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from candlefish.cli.cost_refresh import refresh
from candlefish.cli.html_page import HtmlOption, write_page
from candlefish.cli.options import DEFAULT_SPEC, JsonOption, SpecOption
from candlefish.cost.bill import make_bill
from candlefish.cost.change import changes
from candlefish.cost.model import Snapshot
from candlefish.cost.snapshot import check_age, load_packaged, parse_snapshot, require_region
from candlefish.cost.statement import Statement, make_statement
from candlefish.errors import UsageError
from candlefish.report.cost import changes_table, cost_summary
from candlefish.report.cost_data import render_changes_json, render_cost_json
from candlefish.report.cost_html import render_cost_html
from candlefish.spec.load import load
from candlefish.spec.model import Spec

PIPE_WIDTH = 170
"""Columns where no terminal says: wide enough that each line of the bill stands in one line, for grep."""

PricesOption = Annotated[
    Path | None,
    typer.Option("--prices", help="Prices of your own: read, and written by --refresh.", show_default=False),
]
RefreshOption = Annotated[bool, typer.Option("--refresh", help="Read today's AWS Price List first.")]
PriceListOption = Annotated[
    str,
    typer.Option("--price-list", help="Another address of the public price list: a mirror.", show_default=False),
]
DiffOption = Annotated[
    Path | None,
    typer.Option("--diff", metavar="OTHER", help="Show line by line what another spec changes.", show_default=False),
]
OldOption = Annotated[bool, typer.Option("--allow-old-prices", help="Print a bill from prices older than 400 days.")]


def cost(
    spec: SpecOption = None,
    diff: DiffOption = None,
    html: HtmlOption = None,
    prices: PricesOption = None,
    refresh_prices: RefreshOption = False,
    price_list: PriceListOption = "",
    allow_old_prices: OldOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print what the spec costs on AWS in a month: quantity times price, each price with its date and source.

    Nothing is guessed: a class without a price is an error. On-demand prices; what can be reserved is shown.
    """
    chosen = _load(spec)
    today = datetime.now(UTC).date()
    file = prices or _user_file(chosen.aws.region)
    if refresh_prices:
        refresh(chosen.aws.region, file, today, price_list)
    snapshot = _snapshot(chosen.aws.region, file, required=prices is not None)
    warning = check_age(snapshot, today, allow_old=allow_old_prices)
    statement = make_statement(chosen, snapshot, today, warning)
    if html is not None:
        write_page(html, render_cost_html(statement))
    if diff is not None:
        _show_changes(chosen, _load(diff), snapshot, warning, as_json)
    else:
        _show(statement, html, as_json)


def _load(path: Path | None) -> Spec:
    return load(path or (DEFAULT_SPEC if DEFAULT_SPEC.exists() else None), {})


def _user_file(region: str) -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "candlefish" / f"prices-{region}.json"


def _snapshot(region: str, file: Path, *, required: bool) -> Snapshot:
    """Return the user's prices where there are any, the packaged ones otherwise or where those are newer."""
    if not file.exists():
        if required:
            raise UsageError(f"there is no file {file}", hint="add --refresh, which writes it, or leave --prices away")
        return load_packaged(region)
    own = parse_snapshot(_read(file), str(file))
    require_region(own, region)
    if required:
        return own
    packaged = _packaged_or_none(region)
    return packaged if packaged is not None and packaged.as_of > own.as_of else own


def _packaged_or_none(region: str) -> Snapshot | None:
    try:
        return load_packaged(region)
    except UsageError:
        return None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"could not read {file}: {error}", hint="name another file with --prices") from error


def _show(statement: Statement, html: Path | None, as_json: bool) -> None:
    if statement.warning:
        print(f"candlefish: {statement.warning}", file=sys.stderr)
    if as_json:
        print(render_cost_json(statement))
        return
    _console().print(cost_summary(statement))
    if html is not None:
        print(f"\nreport  {html.resolve()}")


def _show_changes(before: Spec, after: Spec, snapshot: Snapshot, warning: str, as_json: bool) -> None:
    if warning:
        print(f"candlefish: {warning}", file=sys.stderr)
    old, new = make_bill(before, snapshot), make_bill(after, snapshot)
    found = changes(old, new)
    if as_json:
        print(render_changes_json(found, old, new))
    else:
        _console().print(changes_table(found, old, new))


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
