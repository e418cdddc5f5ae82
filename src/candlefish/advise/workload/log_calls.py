"""What a log's entries say was called: texts, the values of their parameters, how long each took."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from candlefish.advise.workload.log_entries import Entry

_DURATION: Final = re.compile(r"duration: (?P<ms>[\d.]+) ms(?:  (?P<rest>.*))?$", re.DOTALL)

_STATEMENT: Final = re.compile(r"(?:statement|execute (?!fetch from )[^:]*): (?P<text>.*)$", re.DOTALL)
"""Parse and bind steps are no calls, and neither is a fetch of further rows."""

_PARAMETERS: Final = re.compile(r"^(?:query )?parameters: ", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"\$(?P<number>\d+) = (?:(?P<null>NULL)|'(?P<value>(?:[^']|'')*)')(?:, )?")

_PLAN_BEGINS: Final = re.compile(r"\(cost=\d|^Query (?:Parameters|Identifier): ")
"""Behind the text of a query auto_explain writes its parameters (PostgreSQL 16 and newer) and the plan."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `values` by the number of the parameter (None for NULL), `ms` where the log tells."""

    text: str
    values: tuple[tuple[int, str | None], ...] = ()
    ms: float | None = None
    explained: bool = False
    """Whether auto_explain told of it: the same call may stand in the log a second time."""
    role: str = ""


def read_calls(entries: Iterable[Entry]) -> Iterator[Call]:
    """Give the calls among a log's entries.

    With log_statement a duration comes in an entry of its own, behind that of the statement; both are of one process.
    """
    waiting: dict[str, Call] = {}
    for entry in entries:
        duration = _DURATION.match(entry.message)
        if duration is not None and not duration["rest"]:
            call = waiting.pop(entry.process, None)
            if call is not None:
                yield replace(call, ms=float(duration["ms"]))
        elif duration is not None:
            for call in _timed(duration["rest"], float(duration["ms"]), entry.detail):
                yield replace(call, role=entry.user)
        else:
            call = _statement(entry.message, entry.detail)
            if call is not None:
                yield from _replaced(waiting, entry.process, replace(call, role=entry.user))
    yield from waiting.values()


def parse_parameters(text: str) -> tuple[tuple[int, str | None], ...]:
    """Return the values of `parameters: $1 = 'a', $2 = NULL` by number, () for any other text."""
    begin = _PARAMETERS.match(text)
    if begin is None:
        return ()
    return tuple(
        (int(match["number"]), None if match["null"] else match["value"].replace("''", "'"))
        for match in _PARAMETER.finditer(text, begin.end())
    )


def _replaced(waiting: dict[str, Call], process: str, call: Call) -> Iterator[Call]:
    if process in waiting:
        yield waiting[process]
    waiting[process] = call


def _timed(rest: str, ms: float, detail: str) -> Iterator[Call]:
    is_plan = rest.startswith("plan:")
    call = _explained(rest.removeprefix("plan:").strip()) if is_plan else _statement(rest, detail)
    if call is not None:
        yield replace(call, ms=ms)


def _statement(text: str, detail: str) -> Call | None:
    match = _STATEMENT.match(text)
    return None if match is None else Call(match["text"], parse_parameters(detail))


def _explained(plan: str) -> Call | None:
    """Return the call of a plan of auto_explain's, None for XML."""
    if plan.startswith("{"):
        try:
            found = json.loads(plan)
        except ValueError:
            return None
        values = parse_parameters(f"parameters: {found.get('Query Parameters', '')}")
        return Call(str(found["Query Text"]), values, explained=True) if "Query Text" in found else None
    if not plan.startswith("Query Text: "):
        return None
    lines = plan.removeprefix("Query Text: ").split("\n")
    if lines[0].startswith('"'):  # YAML
        return _from_yaml(lines)
    end = next((at for at, line in enumerate(lines) if at and _PLAN_BEGINS.search(line)), len(lines))
    values = next((parse_parameters(line) for line in lines[end:] if line.startswith("Query Parameters: ")), ())
    return Call("\n".join(lines[:end]), values, explained=True)


def _from_yaml(lines: list[str]) -> Call | None:
    try:
        text = json.loads(lines[0])
        given = next((json.loads(line.split(": ", 1)[1]) for line in lines if line.startswith("Query Parameters")), "")
    except ValueError:
        return None
    return Call(str(text), parse_parameters(f"parameters: {given}"), explained=True)
