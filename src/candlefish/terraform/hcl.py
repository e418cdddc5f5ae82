"""Python values as HCL, laid out as `terraform fmt` has it: equals signs and reasons stand below each other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from candlefish.terraform.value import Hcl, Reasoned

WIDTH = 140
"""Columns within which a reason stands beside its value; a longer one stands above it."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One `name = value`, its lines already rendered, and the reason for it."""

    name: str
    lines: tuple[str, ...]
    reason: str


def render_entries(entries: Mapping[str, Hcl | Reasoned]) -> str:
    """Return the lines of a file or of a map's inside, one entry after the other."""
    return "\n".join(_layout([_entry(name, value) for name, value in entries.items()]))


def render_value(value: Hcl) -> str:
    """Return one value; maps take several lines."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Mapping):
        return _map(value)
    return _list(value)


def _quote(text: str) -> str:
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return '"' + re.sub(r"([$%])(?=\{)", r"\1\1", escaped) + '"'


def _map(value: Mapping[str, Hcl | Reasoned]) -> str:
    if not value:
        return "{}"
    inside = _layout([_entry(name, item) for name, item in value.items()])
    return "\n".join(("{", *(f"  {line}" if line else "" for line in inside), "}"))


def _list(value: Sequence[Hcl]) -> str:
    items = [render_value(item) for item in value]
    if not any("\n" in item for item in items):
        return f"[{', '.join(items)}]"
    indented = (item.replace("\n", "\n  ") for item in items)
    return "\n".join(("[", *(f"  {item}," for item in indented), "]"))


def _entry(name: str, value: Hcl | Reasoned) -> Entry:
    said = value if isinstance(value, Reasoned) else Reasoned(value, "")
    key = name if _IDENTIFIER.fullmatch(name) else _quote(name)
    return Entry(key, tuple(render_value(said.value).split("\n")), " ".join(said.reason.split()))


def _layout(entries: Sequence[Entry]) -> list[str]:
    """Lay entries out: runs of short ones below each other, an empty line around each of the others."""
    lines: list[str] = []
    for beside, grouped in groupby(entries, key=_fits):
        run = list(grouped)
        for block in [_table(run)] if beside else map(_block, run):
            lines += [*([""] if lines else []), *block]
    return lines


def _fits(entry: Entry) -> bool:
    return len(entry.lines) == 1 and len(f"{entry.name} = {entry.lines[0]} # {entry.reason}") <= WIDTH


def _block(entry: Entry) -> list[str]:
    first, *rest = entry.lines
    return [*([f"# {entry.reason}"] if entry.reason else []), f"{entry.name} = {first}", *rest]


def _table(entries: Sequence[Entry]) -> list[str]:
    name_width = max(len(entry.name) for entry in entries)
    rows = [(f"{entry.name:<{name_width}} = {entry.lines[0]}", entry.reason) for entry in entries]
    return list(_with_reasons(rows))


def _with_reasons(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Put the reasons of neighbouring lines below each other; a line without one ends the column."""
    for has_reason, run in groupby(rows, key=lambda row: bool(row[1])):
        block = list(run)
        width = max(len(text) for text, _ in block)
        yield from (f"{text:<{width}} # {reason}" if has_reason else text for text, reason in block)
