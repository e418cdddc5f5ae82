"""Where each key of a TOML text stands: key path -> line number."""

import tomllib
from collections.abc import Iterator, Mapping

KeyPath = tuple[str, ...]


def locate_keys(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every key and table of a valid TOML text; keys of an inline table share its line.

    Each statement is handed to tomllib alone: its own parser says where a value ends and how a key is quoted.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, parsed, is_header in _statements(text):
        paths = tuple(_paths(parsed))
        if is_header:
            table = max(paths, key=len)
        prefix = () if is_header else table
        for path in paths:
            lines.setdefault(prefix + path, number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, Mapping[str, object], bool]]:
    """Cut a text into its statements: (line, what it says alone, whether it opens a table)."""
    lines = text.splitlines()
    start = 0
    while start < len(lines):
        end = start + 1
        while (parsed := _parse("\n".join(lines[start:end]))) is None and end < len(lines):
            end += 1
        if parsed:
            yield start + 1, parsed, lines[start].lstrip().startswith("[")
        start = end


def _parse(statement: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return None


def _paths(value: object) -> Iterator[KeyPath]:
    """Give the path of every key below a value; the tables of an array share the array's path."""
    if isinstance(value, list):
        for item in value:
            yield from _paths(item)
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield (str(key),)
            yield from ((str(key), *path) for path in _paths(below))
