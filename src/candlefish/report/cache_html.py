"""A cache's advice as one page of HTML that opens from disk: no script, no network, pictures drawn inline."""

from collections.abc import Iterable, Sequence
from html import escape

from candlefish.advise.cache.result import CacheAdvice, Ceiling, name_ttl
from candlefish.report import cache_rows as rows
from candlefish.report.cache_advice import capital
from candlefish.report.charts.memory_hits import memory_chart
from candlefish.report.style import STYLE

CACHE_STYLE = """
svg .fast-fill { fill: var(--fast) }
svg .quiet-fill { fill: var(--soft) }
svg .line.quiet { stroke: var(--soft) }
tr.chosen > * { font-weight: 700; background: var(--good-bg) }
"""


def render_cache_html(advice: CacheAdvice) -> str:
    """Return the whole page as text."""
    sections = [_header(advice), *(_picture(advice, ceiling) for ceiling in advice.ceilings)]
    sections.append(_section("Every combination", "Share of lookups that hit, by policy.", _grid(advice)))
    if advice.checked:
        found = (_cells(row, rows.CHECK_NUMERIC) for row in rows.check_rows(advice.checked))
        words = f"The same accesses on redis-server {advice.checked[0].redis_version}, at their own pace."
        sections.append(_section("Checked", words, _table(rows.CHECK_HEAD, found, rows.CHECK_NUMERIC)))
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.fact_rows(advice))
    sections.append(_section("What it rests on", "", f'<dl class="facts">{facts}</dl>'))
    body = "\n".join(sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>candlefish cache advise</title><style>{STYLE}{CACHE_STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _header(advice: CacheAdvice) -> str:
    near = "" if advice.choice.near else " None of these sizes is as near to the ceiling as was asked for."
    return (
        f"<header><h1>How large a cache, and which policy</h1>"
        f'<p class="lead"><strong>{escape(capital(advice.choice.reason))}.</strong>{near}</p>'
        f'<p class="soft">Redis 7.0, simulated on {advice.facts.lookups:,} lookups of {advice.facts.keys:,} keys, '
        f"beginning empty. The ceiling is what memory without end would hit.</p></header>"
    )


def _picture(advice: CacheAdvice, ceiling: Ceiling) -> str:
    heading = "Without a TTL" if ceiling.ttl_s is None else f"With a TTL of {name_ttl(ceiling.ttl_s)}"
    return _section(heading, "", memory_chart(advice, ceiling))


def _grid(advice: CacheAdvice) -> str:
    head = rows.grid_head(advice)
    numeric = range(1, len(head))
    found = (_cells(row, numeric, "chosen" if chosen else "") for row, chosen in rows.grid_rows(advice))
    return _table(head, found, numeric)


def _cells(row: rows.Row, numeric: Sequence[int], css: str = "") -> str:
    cells = "".join(
        f'<td class="n">{escape(words)}</td>' if index in numeric else f"<td>{escape(words)}</td>"
        for index, words in enumerate(row)
    )
    return f'<tr class="{css}">{cells}</tr>'


def _table(head: Sequence[str], found: Iterable[str], numeric: Sequence[int]) -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if index in numeric else ""}>{escape(name)}</th>'
        for index, name in enumerate(head)
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(found)}</tbody></table>"


def _section(heading: str, words: str, body: str) -> str:
    said = f'<p class="soft">{escape(words)}</p>' if words else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{body}</section>"
