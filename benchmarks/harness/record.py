"""One result as lines for people: a name and a figure each."""

from collections.abc import Mapping
from typing import Any

from harness.table import number


def render_record(row: Mapping[str, Any]) -> str:
    """Align the names; what holds several things is spread over lines of its own, or left out when it is empty."""
    width = max(map(len, row))
    return "\n".join(f"{name.ljust(width)}  {line}".rstrip() for name, value in row.items() for line in _lines(value))


def _lines(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}: {inner}" for name, inner in value.items()]
    if isinstance(value, list):
        return [", ".join(map(str, value))]
    return [number(value) if value is None or isinstance(value, float) else str(value)]
