"""Results as a table for people, or as one JSON object a line for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def render_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align columns: text to the left, and to the right those in which every cell begins like a number."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    numeric = [bool(rows) and all(_like_number(cell) for cell in column[1:]) for column in columns]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in (head, *rows)
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])


def render_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return one object a line, with no more digits than a measurement has."""
    return "\n".join(json.dumps({name: _rounded(value) for name, value in row.items()}) for row in rows)


def number(value: float | None) -> str:
    """Print three digits, with separators: 12.3, 0.45, 12,300."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _rounded(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _like_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell in ("", "–")
