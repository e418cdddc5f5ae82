"""What a page is put together from: the whole, sections, tables, tiles. Every word is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from candlefish.report.style import STYLE


def whole(title: str, style: str, body: Iterable[str]) -> str:
    """Return a page that opens from disk: no script, no network."""
    joined = "\n".join(part for part in body if part)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>\n"
        f"<body><main>{joined}</main></body></html>\n"
    )


def section(heading: str, words: str, body: str) -> str:
    """Return a card with a heading, a sentence ("" for none) and a body of HTML."""
    said = f'<p class="soft">{escape(words)}</p>' if words else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{body}</section>"


def tile(name: str, value: str, words: str) -> str:
    """Return a figure with its name above and what belongs to it below."""
    return (
        f'<div class="tile"><div class="name">{escape(name)}</div><div class="value">{escape(value)}</div>'
        f'<div class="was">{escape(words)}</div></div>'
    )


def table(head: Sequence[str], rows: Iterable[str], numeric: Sequence[int] = (), css: str = "small") -> str:
    """Return a table of rows made by `row`."""
    cells = "".join(
        f'<th scope="col"{" class=n" if index in numeric else ""}>{escape(name)}</th>'
        for index, name in enumerate(head)
    )
    return f'<table class="{css}"><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def row(cells: Sequence[str], numeric: Sequence[int] = (), code: Sequence[int] = ()) -> str:
    """Return a row of a table; the places in `numeric` stand at the right, those in `code` are SQL."""
    return f"<tr>{''.join(_cell(words, at in numeric, at in code) for at, words in enumerate(cells))}</tr>"


def _cell(words: str, is_numeric: bool, is_code: bool) -> str:
    if is_code and words:
        return f"<td><code>{escape(words)}</code></td>"
    return f'<td class="n">{escape(words)}</td>' if is_numeric else f"<td>{escape(words)}</td>"
