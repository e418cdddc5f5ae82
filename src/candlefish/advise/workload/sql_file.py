"""A file of SQL as a workload: each statement once an hour, unless a comment before it says more."""

import re
from pathlib import Path
from typing import Final

from candlefish.advise.plans.tokens import unquote
from candlefish.advise.statements import Skipped, Statement, Workload
from candlefish.advise.workload.fingerprint import fingerprint, kind_of
from candlefish.advise.workload.split import pieces, split
from candlefish.errors import UsageError

MOST_SAMPLES: Final = 3
"""Texts of one statement with other literals that are kept; more say little that is new."""

_RATE: Final = re.compile(r"calls_per_hour:\s*([\d.]+)")
_ROLE: Final = re.compile(r"\brole:\s*(\"(?:[^\"]|\"\")+\"|\S+)")


def load_file(path: Path) -> Workload:
    """Return the statements of a file; raise UsageError where it can't be read or holds none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"could not read the workload {path}", detail=str(error)) from error
    workload = parse_sql(text, str(path))
    if not workload.statements:
        raise UsageError(
            f"the workload {path} holds no statement that has a plan",
            detail=f"{len(workload.skipped)} were left out" if workload.skipped else "it is empty",
            hint="write SELECT, INSERT, UPDATE, DELETE or MERGE statements with their literals, each with a semicolon",
        )
    return workload


def parse_sql(text: str, source: str) -> Workload:
    """Return the statements of a text; those without a plan, or with parameters, are skipped with the reason."""
    found: dict[str, Statement] = {}
    skipped: list[Skipped] = []
    for comments, body in split(_without_backslashes(text, skipped)):
        kind = kind_of(body)
        if kind is None:
            skipped.append(Skipped(body, "it has no plan: only SELECT, INSERT, UPDATE, DELETE and MERGE do"))
            continue
        if any(piece == "parameter" for piece, _ in pieces(body)):
            skipped.append(Skipped(body, "it has parameters: write a value in the place of each"))
            continue
        rate, role = _RATE.search(comments), _ROLE.search(comments)
        calls, key = float(rate[1]) if rate else 1.0, fingerprint(body)
        old = found.get(key)
        samples = (body,) if old is None else (*old.samples, body)[:MOST_SAMPLES]
        calls += old.calls_per_hour if old is not None else 0.0
        found[key] = Statement(
            key, samples[0], kind, samples, calls, role=unquote(role[1]) if role else "", constants_seen=True
        )
    statements = sorted(found.values(), key=lambda one: -one.calls_per_hour)
    return Workload(source, 1.0, tuple(statements), tuple(skipped))


def _without_backslashes(text: str, skipped: list[Skipped]) -> str:
    """Take psql's own commands out, which begin a line outside of quotes and end with it."""
    kept: list[str] = []
    while (begin := _next_command(text)) is not None:
        command, end, rest = text[begin:].partition("\n")
        skipped.append(Skipped(command.rstrip(), "a command of psql's"))
        kept.append(text[:begin])
        text = end + rest
    return "".join((*kept, text))


def _next_command(text: str) -> int | None:
    """Return where a line begins with a backslash that stands in no quotes and no comment."""
    at = 0
    for _, found in pieces(text):
        if found == "\\" and text[at - 1 : at] in ("", "\n"):
            return at
        at += len(found)
    return None
