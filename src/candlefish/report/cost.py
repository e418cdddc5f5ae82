"""A bill for a terminal: line by line, then what drives it, what saves, what it is compared with."""

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from candlefish.cost.change import Change
from candlefish.cost.compare import Comparison
from candlefish.cost.model import PARTS, Bill
from candlefish.cost.statement import Statement
from candlefish.report import cost_rows as rows


def render_cost_text(statement: Statement, *, width: int = 150) -> str:
    """Print the whole statement as plain text of `width` columns."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(cost_summary(statement))
    return out.getvalue()


def cost_summary(statement: Statement) -> RenderableType:
    """Return a statement for a rich console."""
    bill = statement.bill
    parts: list[RenderableType] = [*_warnings(statement), _bill_table(bill), Text()]
    parts += [_plain("Drives it", rows.drivers(bill)), Text()]
    parts += [_table("It rests on", ("line", "input", "assumption"), rows.usage_rows(bill), ()), Text()]
    savings = _table("Reserved and savings plans", rows.SAVING_HEAD, rows.saving_rows(statement.savings), (2, 5, 6))
    parts += [savings, Text(rows.reserved_words(statement.savings)), Text()]
    parts += [_alternatives(statement), Text()]
    for comparison in statement.comparisons:
        parts += [_comparison(comparison), Text()]
    unpriced = [(item.what, item.why) for item in bill.unpriced]
    parts += [_table("Not priced", ("what", "why"), unpriced, ()), Text(), _origin(statement)]
    return Group(*parts)


def changes_table(changes: Sequence[Change], before: Bill, after: Bill) -> RenderableType:
    """Return what changes from one bill to another."""
    table = _table("Line by line", rows.CHANGE_HEAD, rows.change_rows(changes), (1, 2, 3))
    table.add_section()
    total = rows.change_of(after.total - before.total)
    table.add_row("total", rows.money(before.total), rows.money(after.total), total, "", style="bold")
    return table


def _bill_table(bill: Bill) -> Table:
    table = _table(f"{bill.name} in {bill.region}, a month", rows.BILL_HEAD, (), (2, 4, 5, 6))
    for part, lines in bill.parts():
        for row in rows.bill_rows(bill, lines):
            table.add_row(*map(Text, row))
        usd = sum(line.usd for line in lines)
        words = (f"{PARTS[part]}", "", "", "", rows.money(usd), rows.share_of(usd, bill.total))
        table.add_row("", *words, style="bold", end_section=True)
    table.add_row("total", "on demand, in USD", "", "", "", rows.money(bill.total), "", style="bold")
    return table


def _warnings(statement: Statement) -> list[RenderableType]:
    if not statement.warning:
        return []
    return [Text(f"WARNING: {statement.warning}", style="bold red"), Text()]


def _alternatives(statement: Statement) -> Table:
    found = [(item.what, rows.change_of(item.difference), item.note) for item in statement.alternatives]
    return _table("Alternatives, each alone", rows.ALTERNATIVE_HEAD, found, (1,))


def _comparison(comparison: Comparison) -> RenderableType:
    title = f"Compared with {comparison.name} ({comparison.source})"
    return _table(title, rows.COMPARE_HEAD, rows.compare_rows(comparison), (1, 3, 4))


def _origin(statement: Statement) -> Text:
    snapshot = statement.bill.snapshot
    text = Text(f"Prices of {snapshot.as_of}, {snapshot.origin}; each with its source: --json or --html.", style="dim")
    if aged := rows.aged_words(statement):
        text.append(f"\n{aged}.")
    return text


def _plain(name: str, words: str) -> Text:
    text = Text(name, style="bold")
    text.append(f": {words}", style="not bold")
    return text


def _table(name: str, head: Sequence[str], cells: Iterable[rows.Row], numeric: Sequence[int]) -> Table:
    table = Table(title=name, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for index, heading in enumerate(head):
        right = index in numeric
        table.add_column(heading, justify="right" if right else "left", no_wrap=right or index == 0, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    return table
