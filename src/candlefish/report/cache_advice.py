"""A cache's advice for a terminal and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from candlefish.advise.cache.result import CacheAdvice
from candlefish.report import cache_rows as rows


def advice_summary(advice: CacheAdvice) -> RenderableType:
    """Return an advice for a rich console: what to do first, then what it rests on."""
    choice = advice.choice
    parts: list[RenderableType] = [Text(capital(choice.reason) + ".", style="bold"), Text()]
    if not choice.near:
        parts += [
            Text("None of these sizes is as near to the ceiling as was asked for: try more with --memory."),
            Text(),
        ]
    parts += [_grid(advice), Text()]
    if advice.checked:
        parts += [_plain(rows.CHECK_HEAD, rows.check_rows(advice.checked), rows.CHECK_NUMERIC), Text()]
    parts += [Text(f"{name:<18}{value}") for name, value in rows.fact_rows(advice)]
    return Group(*parts)


def render_advice_json(advice: CacheAdvice) -> str:
    """Print an advice as one JSON object; sizes in bytes, ratios from 0 to 1, `points` in hundredths of the lookups."""
    found = asdict(advice)
    for row, one in zip(found["checked"], advice.checked, strict=True):
        row |= {"points": round(one.points, 3), "holds": one.holds}
    return json.dumps(found, indent=2)


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def _grid(advice: CacheAdvice) -> Table:
    head = rows.grid_head(advice)
    table = _plain(head, (), range(1, len(head)))
    ttl = ""
    for row, chosen in rows.grid_rows(advice):
        if ttl and row[0] != ttl:
            table.add_section()
        ttl = row[0]
        table.add_row(*row, style="bold green" if chosen else "")
    return table


def _plain(head: Sequence[str], found: Sequence[rows.Row], numeric: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, title in enumerate(head):
        table.add_column(title, justify="right" if index in numeric else "left")
    for row in found:
        table.add_row(*map(Text, row))
    return table
