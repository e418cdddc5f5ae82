"""A demo's figures as one page of HTML that opens from disk: no script, no network, charts drawn inline."""

from collections.abc import Sequence
from html import escape

from candlefish.demo.result import DemoResult
from candlefish.report import charts, tables
from candlefish.report.labels import figure, improvement, rate, title
from candlefish.report.style import STYLE
from candlefish.results import Verdict

TILES = ("query_avg", "read_avg", "write_avg", "connection_wait", "query_p95_at_10x", "cache_hit_ratio")


def render_html(result: DemoResult) -> str:
    """Return the whole page as text."""
    body = "\n".join(
        (
            _header(result),
            _tiles(result.objectives),
            _objectives(result),
            *_charts(result),
            _operations(result),
            _indexes(result),
            _facts(result),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>candlefish demo: before and after</title><style>{STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _header(result: DemoResult) -> str:
    here = result.surroundings
    missed = [title(verdict.name) for verdict in result.objectives if not verdict.met]
    met = len(result.objectives) - len(missed)
    badge = '<span class="badge met">all met</span>' if not missed else '<span class="badge missed">missed: '
    badge += f"{escape(', '.join(missed))}</span>" if missed else ""
    return (
        "<header><h1>Candlefish demo: before and after</h1>"
        f'<p class="lead"><strong>{met} of {len(result.objectives)} objectives met.</strong> {badge}</p>'
        f'<p class="soft">Same data ({result.dataset.rows:,} rows), same operations, same arrival rate R = '
        f"{rate(result.rate)} requests a second, then 10 R. Measured {escape(here.measured_at)} on "
        f"{here.cores} cores ({escape(here.system)}).</p></header>"
    )


def _tiles(objectives: Sequence[Verdict]) -> str:
    found = {verdict.name: verdict for verdict in objectives}
    return f'<div class="tiles">{"".join(_tile(found[name]) for name in TILES if name in found)}</div>'


def _tile(verdict: Verdict) -> str:
    was: tuple[str, ...]
    if verdict.before is not None and verdict.improvement is not None:
        was = (f"{figure(verdict.before, verdict.unit)} before", improvement(verdict.improvement))
    else:
        was = (f"target {tables.objective_row(verdict)[4]}",)
    return (
        f'<div class="tile"><div class="name">{escape(title(verdict.name))}</div>'
        f'<div class="value">{escape(figure(verdict.after, verdict.unit))}</div>'
        f'<div class="was">{"<br>".join(escape(line) for line in was)}</div></div>'
    )


def _objectives(result: DemoResult) -> str:
    rows = []
    for verdict in result.objectives:
        name, *figures, target, word = tables.objective_row(verdict)
        note = f'<div class="note">{escape(verdict.note)}</div>' if verdict.note else ""
        cells = "".join(f'<td class="n">{escape(cell)}</td>' for cell in figures)
        rows.append(
            f'<tr><th scope="row">{escape(name)}{note}</th>{cells}<td class="t">{escape(target)}</td>'
            f'<td><span class="badge {word}">{word}</span></td></tr>'
        )
    return _section("Objectives", "", _table(tables.OBJECTIVE_HEAD, "".join(rows), numeric=(1, 2, 3)))


def _charts(result: DemoResult) -> list[str]:
    """Return the sections that hold a chart, in reading order."""
    runs = (
        ("before, at R", "before", result.before),
        ("after, at R", "after", result.after),
        ("after, at 10 R", "fast", result.after_10x),
    )
    named = [(name, run) for name, _, run in runs]
    curves = [(name, css, run.everything) for name, css, run in runs]
    warm = [("warm-up", result.warm_up), ("at R", result.after), ("at 10 R", result.after_10x)]
    sections = [
        _section(
            "Latency",
            "How long requests took, from the moment they should have started.",
            charts.latency_chart(curves),
        ),
        _section(
            "Throughput",
            "Arrivals come at a fixed rate, whether or not the tier keeps up.",
            charts.throughput_chart(runs),
        ),
        _section(
            "Cache",
            "Cache-aside, TTL 300 s; the ceiling is what the same requests allow a perfect cache.",
            charts.hit_ratio_chart(warm, result.cache.ceiling_ratio),
        ),
        _section(
            "Processors",
            "What kept this machine busy; the load generator runs on it too.",
            charts.cpu_chart(named, result.surroundings.cores),
        ),
    ]
    page = ['<div class="two">' + "".join(sections) + "</div>"]
    if result.ablation:
        page.append(
            _section(
                "Ablation",
                "Each part alone, on the same data at the same rate R.",
                charts.ablation_chart(result.ablation),
            )
        )
    page.append(
        _section(
            "Operations",
            "Average latency of each operation at R.",
            charts.operations_chart(result.before.operations, result.after.operations),
        )
    )
    return page


def _operations(result: DemoResult) -> str:
    rows = tables.operation_rows(result)
    return _section(
        "Operations in figures",
        "The one that took most of Before's time comes first.",
        _table(tables.OPERATION_HEAD, _rows(rows, numeric=range(2, 13)), numeric=range(2, 13), css="small"),
    )


def _indexes(result: DemoResult) -> str:
    idle = tables.unused(result.indexes)
    words = f"Never scanned in this run: {', '.join(idle)}." if idle else "The run used every one."
    rows = _rows(tables.index_rows(result.indexes), numeric=(3,))
    return _section(
        f"{len(result.indexes)} indexes",
        f"Scans summed over all servers and partitions. {words}",
        _table(tables.INDEX_HEAD, rows, numeric=(3,), css="small"),
    )


def _facts(result: DemoResult) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in tables.fact_rows(result))
    return _section("How it was measured", "", f'<dl class="facts">{facts}</dl>')


def _rows(rows: Sequence[tables.Row], numeric: Sequence[int]) -> str:
    return "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(_cell(row[i], i in numeric) for i in range(1, len(row)))
        + "</tr>"
        for row in rows
    )


def _cell(words: str, numeric: bool) -> str:
    return f'<td class="n">{escape(words)}</td>' if numeric else f"<td>{escape(words)}</td>"


def _table(head: Sequence[str], rows: str, *, numeric: Sequence[int], css: str = "") -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if index in numeric else ""}>{escape(name)}</th>'
        for index, name in enumerate(head)
    )
    return f'<table class="{css}"><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>'


def _section(heading: str, words: str, body: str) -> str:
    said = f'<p class="soft">{escape(words)}</p>' if words else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{body}</section>"
