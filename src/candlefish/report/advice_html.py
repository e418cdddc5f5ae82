"""An advice as one page of HTML that opens from disk: no script, no network, pictures drawn inline."""

from collections.abc import Iterator
from html import escape

from candlefish.advise.advice import Advice, Effect, Recommendation
from candlefish.report import advice_rows as rows
from candlefish.report import page
from candlefish.report.advice_plans import plans_html
from candlefish.report.advice_style import ADVICE_STYLE
from candlefish.report.charts.hourly import hourly_chart
from candlefish.report.charts.index_price import index_price_chart
from candlefish.report.labels import figure
from candlefish.units import render_bytes, render_seconds


def render_advice_html(advice: Advice) -> str:
    """Return the whole page as text."""
    ordered = rows.ranked(advice)
    parts = [_header(advice), _tiles(advice), _charts(ordered)]
    parts += [_recommendation(rank, one) for rank, one in enumerate(ordered, 1)]
    parts += [*_regressions(advice), *_withheld(advice), *_findings(advice), *_left_out(advice)]
    return page.whole(f"candlefish advise: {advice.database}", ADVICE_STYLE, parts)


def _header(advice: Advice) -> str:
    return (
        f"<header><h1>What to change in {escape(advice.database)}</h1>"
        f'<p class="lead"><strong>{escape(rows.headline(advice))}</strong></p>'
        f'<p class="soft">{escape(rows.basis(advice))}.</p></header>'
    )


def _tiles(advice: Advice) -> str:
    found = advice.recommendations
    made, gone = (sum(one.size_bytes for one in found if (one.size_bytes > 0) == up) for up in (True, False))
    prices = [one.write_price for one in found if one.write_price is not None]
    tiles = [
        _gain(advice),
        ("Changes", f"{len(found)}", f"{sum(one.measured for one in found)} measured"),
        ("Size", rows.size(made), f"{render_bytes(-gone)} given back" if gone else "nothing is given back"),
        (
            "Writes pay, an hour",
            rows.hourly(sum(price.ms_per_hour for price in prices)) if prices else rows.NOTHING,
            f"{render_bytes(sum(price.wal_bytes_per_hour for price in prices))} of WAL" if prices else "not measured",
        ),
        (
            "Slower statements",
            f"{len(advice.regressions)}",
            rows.count_of(len(advice.withheld), "candidate", "withheld"),
        ),
        ("Findings", f"{len(advice.findings)}", rows.count_of(len(advice.skipped), "statement", "skipped")),
    ]
    return f'<div class="tiles">{"".join(page.tile(*one) for one in tiles)}</div>'


def _gain(advice: Advice) -> tuple[str, str, str]:
    if advice.before_ms is not None and advice.after_ms is not None:
        return "An hour of this workload", rows.hourly(advice.after_ms), f"{rows.hourly(advice.before_ms)} before"
    share = 1 - advice.after_cost / advice.before_cost if advice.before_cost else 0.0
    return "The planner's cost", rows.less(share, "the same").removeprefix(", "), "estimated, not measured"


def _charts(ordered: list[Recommendation]) -> str:
    effects = rows.by_statement(ordered)
    found = []
    if effects:
        words = "Calls an hour times what one takes; those that save most first."
        found.append(page.section("Each statement, an hour", words, hourly_chart(effects)))
    if ordered:
        words = "Each kind of bar has its own scale."
        found.append(page.section("What the changes take", words, index_price_chart(ordered)))
    return f'<div class="{"two" if len(found) == 2 else "one"}">{"".join(found)}</div>' if found else ""


def _recommendation(rank: int, one: Recommendation) -> str:
    price = rows.price_words(one.write_price)
    facts = [
        ("saves", f"{rows.saved(one)} an hour" if one.before_ms is not None else ""),
        ("size", rows.size(one.size_bytes)),
        ("writes pay", price),
        ("built in", render_seconds(one.build_s) if one.build_s is not None else ""),
        ("id", one.id),
    ]
    shown = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    undo = f"<dt>undo</dt><dd><code>{escape(one.undo)}</code></dd>" if one.undo else ""
    css = "met" if one.measured else "guess"
    return (
        f'<section class="change"><h2>{rank}. {escape(one.kind)} on {escape(str(one.table))} '
        f'<span class="badge {css}">{escape(rows.confidence(one))}</span></h2>'
        f'<pre class="sql">{escape(one.statement)}</pre><p>{escape(one.reason)}.</p>'
        f'<dl class="facts">{shown}{undo}</dl>{"".join(map(_effect, rows.heaviest(one.effects)))}</section>'
    )


def _effect(effect: Effect) -> str:
    spent, calls = rows.effect_words(effect)
    runs = ""
    if effect.runs:
        spread = " and ".join(f"{one:.0%}" for one in effect.spread)
        runs = f'<p class="note">median of {effect.runs} runs each, spread {spread}</p>'
    plans = plans_html(effect.before_plan, effect.after_plan) if effect.before_plan or effect.after_plan else ""
    return (
        f'<details><summary><span class="gain">{escape(spent)}</span>'
        f'<span class="soft">{escape(calls)}</span>'
        f'<code class="brief">{escape(rows.in_one_line(effect.text))}</code></summary>'
        f'<pre class="sql">{escape(effect.text.strip())}</pre>{runs}{plans}</details>'
    )


def _regressions(advice: Advice) -> Iterator[str]:
    if advice.regressions:
        found = (
            page.row(
                (rows.in_one_line(one.text), figure(one.before_ms, "ms"), figure(one.after_ms, "ms")), (1, 2), (0,)
            )
            for one in advice.regressions
        )
        words = "Measured with all of the advice in place."
        yield page.section("Slower statements", words, page.table(("statement", "before", "after"), found, (1, 2)))


def _withheld(advice: Advice) -> Iterator[str]:
    if advice.withheld:
        found = (
            page.row((one.statement, one.reason, rows.price_words(one.write_price)), (), (0,))
            for one in advice.withheld
        )
        head = ("candidate", "why it is not advised", "what writes would pay")
        yield page.section(
            "Withheld",
            "They looked good, and measuring did not bear them out.",
            page.table(head, found, css="small stack"),
        )


def _findings(advice: Advice) -> Iterator[str]:
    if advice.findings:
        found = (
            f'<tr><td><span class="badge {one.severity}">{one.severity}</span></td>'
            f"<td><strong>{escape(one.subject)}</strong><div>{escape(one.message)}</div>"
            f"{f'<code>{escape(one.hint)}</code>' if one.hint else ''}</td></tr>"
            for one in advice.findings
        )
        yield page.section("Findings", "", f'<table class="small findings"><tbody>{"".join(found)}</tbody></table>')


def _left_out(advice: Advice) -> Iterator[str]:
    if advice.skipped:
        found = (page.row((rows.in_one_line(one.text, 300), one.reason), (), (0,)) for one in advice.skipped)
        yield page.section(
            "Statements that were skipped", "", page.table(("statement", "why"), found, css="small stack")
        )
    if advice.left_out:
        found = (f"<li>{escape(words)}</li>" for words in advice.left_out)
        yield page.section("Left out", "", f"<ul>{''.join(found)}</ul>")
    if advice.counts:
        shown = "".join(f"<dt>{escape(name)}</dt><dd>{value:,}</dd>" for name, value in advice.counts.items())
        yield page.section("How much work it was", "", f'<dl class="facts">{shown}</dl>')
