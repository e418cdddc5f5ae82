"""A demo's figures for a terminal: the before/after table, then what stands behind it."""

import io
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from candlefish.demo.result import AblationRow, DemoResult
from candlefish.report import tables
from candlefish.report.labels import figure, number

STYLES = {"met": "bold green", "missed": "bold red"}


def render_text(result: DemoResult, *, width: int = 110) -> str:
    """Print the whole summary as plain text of `width` columns."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(summary(result))
    return out.getvalue()


def summary(result: DemoResult) -> RenderableType:
    """Return the tables of a demo for a rich console."""
    parts: list[RenderableType] = [operations_table(result), Text(), facts_table(result), Text()]
    if result.ablation:
        parts += [ablation_table(result.ablation), Text()]
    parts += [objectives_table(result), Text(), verdict_line(result)]
    return Group(*parts)


def objectives_table(result: DemoResult) -> Table:
    """Return objective, before, after, improvement, target, met or missed."""
    table = _table("Before and after, at the same rate R on the same data", tables.OBJECTIVE_HEAD, numeric=(1, 2, 3))
    for verdict in result.objectives:
        *cells, word = tables.objective_row(verdict)
        table.add_row(*cells, Text(word, style=STYLES[word]))
    return table


def operations_table(result: DemoResult) -> Table:
    """Return each operation's own before and after, at R."""
    columns = [index for index, heading in enumerate(tables.OPERATION_HEAD) if heading not in ("kind", "p95")]
    head = [tables.OPERATION_HEAD[index] for index in columns]
    table = _table("Each operation: average, at R and at 10 R", head, numeric=range(1, len(head)))
    for row in tables.operation_rows(result):
        table.add_row(*(row[index] for index in columns))
    return table


def facts_table(result: DemoResult) -> Table:
    """Return what stands behind the figures, as name and value."""
    table = Table(box=None, show_header=False, title="How it was measured", title_justify="left", title_style="bold")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in tables.fact_rows(result):
        table.add_row(name, Text(value))
    return table


def ablation_table(rows: Sequence[AblationRow]) -> Table:
    """Return what each part brings alone, at R."""
    head = ("parts", "average", "p95", "reads", "writes", "wait for a connection", "failed")
    table = _table("What each part brings alone, at R", head, numeric=tuple(range(1, 7)))
    for row in rows:
        run = row.run
        spreads = (run.everything.mean_ms, run.everything.p95_ms, run.reads.mean_ms, run.writes.mean_ms)
        cells = [figure(value, "ms") for value in (*spreads, run.connection_wait.mean_ms)]
        table.add_row(row.name, *cells, number(run.errors))
    return table


def verdict_line(result: DemoResult) -> Text:
    """Return one line: how many objectives were met, and which were not."""
    missed = [verdict.name for verdict in result.objectives if not verdict.met]
    met = len(result.objectives) - len(missed)
    line = Text(f"{met} of {len(result.objectives)} objectives met", style="bold green" if not missed else "bold")
    if missed:
        line.append(f"; missed: {', '.join(missed)}", style="bold red")
    return line


def _table(name: str, head: Sequence[str], *, numeric: Sequence[int]) -> Table:
    table = Table(title=name, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for index, heading in enumerate(head):
        table.add_column(heading, justify="right" if index in numeric else "left", no_wrap=True)
    return table
