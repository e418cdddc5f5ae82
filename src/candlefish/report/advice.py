"""An advice for a terminal: what to change, ranked by the time that it saves, and what stands behind each of it."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from candlefish.advise.advice import Advice, Recommendation, Withheld
from candlefish.report import advice_rows as rows
from candlefish.report.labels import figure
from candlefish.units import render_seconds

COLOURS: Final = {"critical": "bold red", "warning": "yellow", "info": "dim"}

MOST_EFFECTS: Final = 8
"""Statements told with one recommendation; the page and the JSON have all."""

MOST_ROWS: Final = 20
"""Findings, skipped statements and the like, of each."""


def render_advice(advice: Advice, *, width: int = 100) -> str:
    """Print an advice as plain text of `width` columns."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(advice_report(advice))
    return out.getvalue()


def advice_report(advice: Advice) -> RenderableType:
    """Return an advice for a rich console."""
    parts: list[RenderableType] = [Text(rows.headline(advice), style="bold"), Text(rows.basis(advice), style="dim")]
    ordered = rows.ranked(advice)
    if ordered:
        parts += [Text(), _changes(ordered)]
    for rank, one in enumerate(ordered, 1):
        parts += [Text(), *_recommendation(rank, one)]
    parts += _lists(advice)
    return Group(*parts)


def _changes(ordered: Sequence[Recommendation]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for at, name in enumerate(rows.CHANGE_HEAD):
        words = at in (1, 5)
        table.add_column(name, justify="left" if words else "right", no_wrap=at != 1, overflow="fold")
    for rank, one in enumerate(ordered, 1):
        table.add_row(*map(Text, rows.change_row(rank, one)))
    return table


def _recommendation(rank: int, one: Recommendation) -> Iterator[RenderableType]:
    yield Text.assemble((f"{rank}. ", "bold"), (one.statement, "bold green"))
    yield _inside(Text(f"{one.reason}."))
    price = rows.price_words(one.write_price)
    facts = [
        ("size", rows.size(one.size_bytes)),
        ("built in", render_seconds(one.build_s) if one.build_s is not None else ""),
        ("writes pay", price),
        ("confidence", rows.confidence(one)),
        ("id", one.id),
        ("undo", one.undo),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(name, Text(value))
    yield _inside(table)
    if one.effects:
        yield _inside(_effects(one))


def _effects(one: Recommendation) -> RenderableType:
    parts = []
    for effect in rows.heaviest(one.effects)[:MOST_EFFECTS]:
        spent, calls = rows.effect_words(effect)
        parts.append(Text.assemble((spent, "bold"), ("; " + calls, "dim")))
        parts.append(Text(f"  {rows.in_one_line(effect.text)}", no_wrap=True, overflow="ellipsis"))
    rest = len(one.effects) - MOST_EFFECTS
    return Group(*parts, *([Text(f"and {rest} more", style="dim")] if rest > 0 else []))


def _lists(advice: Advice) -> Iterator[RenderableType]:
    """Give what else there is to say, each kind under its heading."""
    slower = (
        f"{figure(one.before_ms, 'ms')} → {figure(one.after_ms, 'ms')}  {rows.in_one_line(one.text)}"
        for one in advice.regressions
    )
    yield from _list("Statements that the advice makes slower", [Text(words, style="red") for words in slower])
    yield from _list("Withheld", [_withheld(one) for one in advice.withheld])
    found = [
        Text.assemble(
            (f"{one.severity} ", COLOURS[one.severity]),
            (one.subject, "bold"),
            f": {one.message}",
            f"\n  {one.hint}" if one.hint else "",
        )
        for one in advice.findings
    ]
    yield from _list("Findings", found)
    skipped = [Text(f"{rows.in_one_line(one.text, 100)}\n  {one.reason}") for one in advice.skipped]
    yield from _list("Statements that were skipped", skipped)
    yield from _list("Left out", [Text(words) for words in advice.left_out])


def _withheld(one: Withheld) -> Text:
    price = rows.price_words(one.write_price)
    return Text(f"{one.statement}\n  {one.reason}" + (f"\n  writes would pay {price}" if price else ""))


def _list(heading: str, found: Sequence[Text]) -> Iterator[RenderableType]:
    if not found:
        return
    yield Text()
    yield Text(f"{heading} ({len(found)})", style="bold")
    for words in found[:MOST_ROWS]:
        yield _inside(words)
    if len(found) > MOST_ROWS:
        yield _inside(Text(f"and {len(found) - MOST_ROWS} more: --json and --html have them all", style="dim"))


def _inside(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 3))
