"""A statement of cost as one page of HTML that opens from disk: no script, no network, pictures drawn inline."""

from collections.abc import Iterable, Sequence
from html import escape

from candlefish.cost.compare import Comparison
from candlefish.cost.model import PARTS, Bill
from candlefish.cost.statement import Statement
from candlefish.report import cost_charts as charts
from candlefish.report import cost_rows as rows
from candlefish.report.style import STYLE

COST_STYLE = """
tr.sum > * { font-weight: 650; background: var(--page) }
tr.total > * { font-weight: 700; border-top: 2px solid var(--soft) }
td.plus { color: var(--bad) }
td.minus { color: var(--good) }
.warning { color: var(--bad); background: var(--bad-bg); border-radius: 8px; padding: 8px 14px; font-weight: 600 }
.tiles.four { grid-template-columns: repeat(4, 1fr) }
td.id { white-space: nowrap; font-weight: 500 }
@media (max-width: 980px) { .tiles.four { grid-template-columns: 1fr 1fr } }
"""


def render_cost_html(statement: Statement) -> str:
    """Return the whole page as text."""
    sections = (
        _header(statement),
        _tiles(statement),
        _section("By part", "", charts.parts_strip(statement.bill)),
        *(_comparison(item, f"cost-compare-{index}") for index, item in enumerate(statement.comparisons)),
        _section("What drives it", "The lines of the bill, the dearest first.", charts.lines_chart(statement.bill)),
        _bill(statement.bill),
        _usage(statement.bill),
        _savings(statement),
        _alternatives(statement),
        _unpriced(statement.bill),
        _sources(statement),
    )
    body = "\n".join(sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>candlefish cost: {escape(statement.bill.name)}</title><style>{STYLE}{COST_STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _header(statement: Statement) -> str:
    bill = statement.bill
    warning = f'<p class="warning">{escape(statement.warning)}</p>' if statement.warning else ""
    return (
        f"<header><h1>What {escape(bill.name)} costs on AWS</h1>"
        f'<p class="lead"><strong>{rows.money(bill.total)} USD a month</strong> on demand in {escape(bill.region)}, '
        f"at prices of {bill.snapshot.as_of}.</p>"
        f'<p class="soft">Every line is a quantity times a price of the AWS Price List; each price has the day it was '
        f"read and its source below. 730 hours a month.</p>{warning}</header>"
    )


def _tiles(statement: Statement) -> str:
    bill, savings = statement.bill, statement.savings
    cheapest = next((item for item in statement.alternatives if item.difference < 0), None)
    tiles = [
        ("A month", f"{rows.money(bill.total)}", f"{rows.money(bill.total * 12)} a year"),
        ("Can be reserved", rows.money(savings.reservable), f"{savings.ratio:.0%} of the bill"),
        ("Depends on use", rows.money(_variable(bill)), "lines with an input of [usage]"),
    ]
    if statement.comparisons:
        first = statement.comparisons[0]
        tiles.append((f"Against {first.name}", rows.change_of(first.ours - first.theirs), rows.verdict(first)))
    elif cheapest is not None:
        tiles.append(("Saves most", rows.change_of(cheapest.difference), cheapest.what))
    return '<div class="tiles four">' + "".join(map(_tile, tiles)) + "</div>"


def _tile(tile: tuple[str, str, str]) -> str:
    name, value, words = map(escape, tile)
    return (
        f'<div class="tile"><div class="name">{name}</div><div class="value">{value}</div>'
        f'<div class="was">{words}</div></div>'
    )


def _variable(bill: Bill) -> float:
    return sum(line.usd for line in bill.lines if line.usage)


def _bill(bill: Bill) -> str:
    found = []
    for part, lines in bill.parts():
        found += [_cells(row, (2, 4, 5, 6)) for row in rows.bill_rows(bill, lines)]
        usd = sum(line.usd for line in lines)
        words = ("", PARTS[part], "", "", "", rows.money(usd), rows.share_of(usd, bill.total))
        found.append(_cells(words, (5, 6), css="sum"))
    found.append(_cells(("total", "", "", "", "", rows.money(bill.total), "100 %"), (5, 6), css="total"))
    return _section("Line by line", "", _table(rows.BILL_HEAD, found, (2, 4, 5, 6)))


def _usage(bill: Bill) -> str:
    table = _table(("line", "input", "assumption"), map(_plain, rows.usage_rows(bill)), ())
    return _section("What it rests on", "Inputs stand in [usage] of candlefish.toml.", table)


def _savings(statement: Statement) -> str:
    found = [_cells(row, (2, 5, 6)) for row in rows.saving_rows(statement.savings)]
    table = _table(rows.SAVING_HEAD, found, (2, 5, 6))
    return _section("Reserved and savings plans", f"{rows.reserved_words(statement.savings)}.", table)


def _alternatives(statement: Statement) -> str:
    found = [
        _cells((item.what, rows.change_of(item.difference), item.note), (1,), signed=(1,))
        for item in statement.alternatives
    ]
    words = "Each alone; the other lines stay as they are."
    return _section("Alternatives", words, _table(rows.ALTERNATIVE_HEAD, found, (1,)))


def _comparison(item: Comparison, key: str) -> str:
    cells = list(rows.compare_rows(item))
    found = [_cells(row, (1, 3, 4), signed=(4,)) for row in cells[:-1]]
    found.append(_cells(cells[-1], (1, 3, 4), signed=(4,), css="total"))
    table = _table(rows.COMPARE_HEAD, found, (1, 3, 4))
    return _section(f"Compared with {item.name}", item.source, charts.compare_chart(item, key) + table)


def _unpriced(bill: Bill) -> str:
    found = [_plain((item.what, item.why)) for item in bill.unpriced]
    return _section("Not priced", "", _table(("what", "why"), found, ()))


def _sources(statement: Statement) -> str:
    found = [_cells(row, (1, 3)) for row in rows.source_rows(statement)]
    aged = rows.aged_words(statement)
    words = f"{aged}." if aged else ""
    return _section("Prices", words, _table(rows.SOURCE_HEAD, found, (1, 3), css="small"))


def _plain(row: rows.Row) -> str:
    return _cells(row, ())


def _cells(row: Sequence[str], numeric: Sequence[int], *, signed: Sequence[int] = (), css: str = "") -> str:
    cells = [f'<td class="id">{escape(row[0])}</td>']
    for index, words in enumerate(row[1:], 1):
        names = ["n"] if index in numeric else []
        if index in signed and words[:1] in ("+", "-"):
            names.append("plus" if words[0] == "+" else "minus")
        cells.append(f'<td class="{" ".join(names)}">{escape(words)}</td>' if names else f"<td>{escape(words)}</td>")
    opening = f'<tr class="{css}">' if css else "<tr>"
    return f"{opening}{''.join(cells)}</tr>"


def _table(head: Sequence[str], found: Iterable[str], numeric: Sequence[int], css: str = "") -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if index in numeric else ""}>{escape(name)}</th>'
        for index, name in enumerate(head)
    )
    return f'<table class="{css}"><thead><tr>{cells}</tr></thead><tbody>{"".join(found)}</tbody></table>'


def _section(heading: str, words: str, body: str) -> str:
    said = f'<p class="soft">{escape(words)}</p>' if words else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{body}</section>"
