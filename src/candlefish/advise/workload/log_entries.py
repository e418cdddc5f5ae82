"""A PostgreSQL log as its entries: stderr with any log_line_prefix, csvlog, jsonlog."""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from candlefish.errors import UsageError

LONGEST_FIELD: Final = 1 << 26
"""Characters of one field of a csvlog: Python's own limit of 128 KiB is less than a long statement."""

_LINE: Final = re.compile(
    r"^(?P<prefix>.*?)(?P<level>DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT"
    r"|STATEMENT|LOCATION|BACKTRACE):  (?P<message>.*)$"
)
"""PostgreSQL writes two spaces behind the level; what the prefix is made of does not matter."""

_FURTHER: Final = frozenset({"DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION", "BACKTRACE"})
"""Levels that add to the entry before them: the server writes both in one go."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?|\b\d{10}\.\d{3}\b")
_PROCESS: Final = re.compile(r"\[(\d+)(?:-\d+)?\]")
_DATABASE: Final = re.compile(r"@([^\s@:,/\]\[]+)")
_USER: Final = re.compile(r"([^\s@:,=/\]\[]+)@")
"""`user@database`, as pgBadger's and RDS's prefixes have it."""

_CSV: Final = {
    "time": 0,
    "user": 1,
    "database": 2,
    "process": 3,
    "level": 11,
    "message": 13,
    "detail": 14,
    "application": 22,
}
"""Columns of csvlog; versions add some at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `at` in seconds (None where the prefix has no time), "" for what the log does not tell."""

    at: float | None
    message: str
    detail: str = ""
    process: str = ""
    database: str = ""
    application: str = ""
    user: str = ""


def read_entries(path: Path) -> Iterator[Entry]:
    """Give the entries of level LOG of a file, also a gzipped one; raise UsageError where it can't be read."""
    try:
        with _open(path) as file:
            yield from _entries(file)
    except (OSError, EOFError, csv.Error) as error:
        raise UsageError(f"could not read the log {path}", detail=str(error)) from error


def from_stderr(lines: Iterable[str]) -> Iterator[Entry]:
    """Give the entries of a log as the server writes it to stderr: further lines of a message begin with a tab."""
    entry, field, parts = None, "message", list[str]()
    for line in lines:
        match = None if line.startswith("\t") else _LINE.match(line.rstrip("\r\n"))
        if match is None:
            parts.append(line.rstrip("\r\n").removeprefix("\t"))
            continue
        if entry is not None:
            entry = _with(entry, field, parts)
        parts = [match["message"]]
        if match["level"] in _FURTHER:
            field = "detail" if match["level"] == "DETAIL" else ""
            continue
        if entry is not None:
            yield entry
        entry, field = (_begun(match["prefix"]), "message") if match["level"] == "LOG" else (None, "")
    if entry is not None:
        yield _with(entry, field, parts)


def from_csv(lines: Iterable[str]) -> Iterator[Entry]:
    """Give the entries of a csvlog."""
    csv.field_size_limit(LONGEST_FIELD)
    for row in csv.reader(lines):
        if len(row) > _CSV["application"] and row[_CSV["level"]] == "LOG":
            told = {name: row[at] for name, at in _CSV.items() if name not in ("time", "level")}
            yield Entry(at=_seconds(row[_CSV["time"]]), **told)


def from_json(lines: Iterable[str]) -> Iterator[Entry]:
    """Give the entries of a jsonlog (PostgreSQL 15 and newer); a line that was cut off is passed over."""
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and row.get("error_severity") == "LOG":
            yield Entry(
                at=_seconds(str(row.get("timestamp", ""))),
                message=str(row.get("message", "")),
                detail=str(row.get("detail", "")),
                process=str(row.get("pid", "")),
                database=str(row.get("dbname", "")),
                application=str(row.get("application_name", "")),
                user=str(row.get("user", "")),
            )


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _entries(file: TextIO) -> Iterator[Entry]:
    """Tell the format by the first line: csvlog's third comma comes before any level, jsonlog's line is an object."""
    first = file.readline()
    file.seek(0)
    if first.startswith("{"):
        return from_json(file)
    row = next(csv.reader([first]), [])
    is_csv = len(row) > _CSV["process"] and _TIME.match(row[0]) is not None and row[_CSV["process"]].isdigit()
    return from_csv(file) if is_csv else from_stderr(file)


def _begun(prefix: str) -> Entry:
    process, database, user = _PROCESS.search(prefix), _DATABASE.search(prefix), _USER.search(prefix)
    return Entry(
        at=_seconds(prefix),
        message="",
        process=process[1] if process else "",
        database=database[1] if database else "",
        user=user[1] if user else "",
    )


def _with(entry: Entry, field: str, parts: list[str]) -> Entry:
    text = "\n".join(parts)
    if field == "message":
        return replace(entry, message=text)
    return replace(entry, detail=text) if field == "detail" else entry


def _seconds(text: str) -> float | None:
    """Return the time in a text as seconds; its zone is left aside, as a log keeps to one."""
    match = _TIME.search(text)
    if match is None:
        return None
    if match[0][4] != "-":
        return float(match[0])
    return datetime.fromisoformat(match[0].replace(" ", "T")).replace(tzinfo=UTC).timestamp()
