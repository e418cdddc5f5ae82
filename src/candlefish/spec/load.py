"""candlefish.toml -> Spec: read the file, lay the command line over it, report every mistake at once."""

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from candlefish.errors import SpecError, UsageError
from candlefish.spec.check import find_contradictions
from candlefish.spec.locate import KeyPath, locate_keys
from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem
from candlefish.spec.validate import find_mistakes

DEFAULT_FILE = Path("candlefish.toml")
"""Read from the working directory when no file is named, if it is there."""

COMMAND_LINE = "command line"
"""Where a problem stands that no line of the file holds."""

_POSITION = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


def load(path: Path | None = None, overrides: Mapping[str, object] | None = None) -> Spec:
    """Return the spec of a file, with `overrides` laid over it: dotted paths or nested tables; None is left out.

    Without a path ./candlefish.toml is read when it is there; otherwise every field has its default.
    Raises SpecError with one line for each problem, UsageError for a file that can't be read.
    """
    file = path or DEFAULT_FILE
    text = _read(file) if path is not None or file.exists() else ""
    data, lines = _parse(file, text)
    given = dict(_flatten(overrides or {}))
    _lay_over(data, given)
    _join_setting_names(data)
    _place_rules(data, file.parent)
    _report(file, find_problems(data), lines, frozenset(given))
    return Spec.model_validate(data)


def find_problems(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return every mistake, then every contradiction between the keys that hold no mistake."""
    mistakes = find_mistakes(data)
    rest = _without(data, tuple(problem.key for problem in mistakes))
    wrong = {problem.key for problem in mistakes}
    contradictions = find_contradictions(Spec.model_validate(rest))
    return mistakes + tuple(p for p in contradictions if wrong.isdisjoint((p.key, *p.others)))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no file {file}", hint="leave --spec away for a tier with the defaults, or name another file"
        ) from error
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{file} is not a text in UTF-8", problems=(f"{file}: byte {error.start}: {error.reason}",)
        ) from error
    except OSError as error:
        raise UsageError(
            f"could not read {file}: {(error.strerror or str(error)).lower()}", hint="name a file you may read"
        ) from error


def _parse(file: Path, text: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    try:
        return tomllib.loads(text), locate_keys(text)
    except tomllib.TOMLDecodeError as error:
        match = _POSITION.match(str(error))
        what = match["what"] if match else str(error)
        line = (match and match["line"]) or max(1, len(text.splitlines()))
        raise SpecError(
            f"{file} is not valid TOML",
            problems=(f"{file}:{line}: {what[:1].lower()}{what[1:]}",),
            hint='texts stand in quotes, as in name = "value"; a table begins with [its-name]',
        ) from error


def _flatten(overrides: Mapping[str, object], above: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    for key, value in overrides.items():
        path = (*above, *key.split("."))
        if isinstance(value, Mapping):
            yield from _flatten(value, path)
        elif value is not None:
            yield path, value


def _lay_over(data: dict[str, Any], given: Mapping[KeyPath, object]) -> None:
    """Write the overrides into the file's data; `light` wins over what the file says of nodes."""
    if given.get(("light",)) is True:
        for part, name in (("postgres", "nodes"), ("redis", "nodes"), ("postgres", "synchronous")):
            section = data.get(part)
            if isinstance(section, dict):
                section.pop(name, None)
    for key, value in given.items():
        table = data
        for part in key[:-1]:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):  # the file has no table there, which is reported
                break
        else:
            table[key[-1]] = value


def _join_setting_names(data: dict[str, Any]) -> None:
    """Turn what TOML reads as tables (cron.max_running_jobs = 5) back into names of settings."""
    postgres = data.get("postgres")
    settings = postgres.get("settings") if isinstance(postgres, dict) else None
    if isinstance(postgres, dict) and isinstance(settings, dict):
        postgres["settings"] = {".".join(path): value for path, value in _leaves(settings)}


def _place_rules(data: dict[str, Any], folder: Path) -> None:
    """Name the file of the rules in full: the tier is brought up from anywhere."""
    cache = data.get("cache")
    if isinstance(cache, dict) and isinstance(rules := cache.get("rules"), str) and rules:
        data["cache"] = cache | {"rules": str((folder / rules).resolve())}


def _leaves(table: Mapping[str, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _without(data: Mapping[str, Any], keys: tuple[KeyPath, ...]) -> dict[str, Any]:
    """Leave keys out; of a list of tables with a mistake in it, all of it."""
    rest = copy.deepcopy(dict(data))
    for key in keys:
        table: Any = rest
        for part in key:
            if part == key[-1] or not isinstance(table.get(part), dict):
                table.pop(part, None)
                break
            table = table[part]
    return rest


def _report(file: Path, problems: tuple[Problem, ...], lines: Mapping[KeyPath, int], given: frozenset[KeyPath]) -> None:
    if not problems:
        return
    placed = sorted((_line(problem, lines, given), ".".join(problem.key), problem.message) for problem in problems)
    texts = tuple(f"{f'{file}:{line}' if line else COMMAND_LINE}: {key}: {message}" for line, key, message in placed)
    count = "1 problem" if len(texts) == 1 else f"{len(texts)} problems"
    raise SpecError(
        f"{count} in {file}" if any(line for line, _, _ in placed) else f"{count} on the command line",
        problems=texts,
        hint="run `candlefish plan` once they are mended: it shows every value with its reason",
    )


def _line(problem: Problem, lines: Mapping[KeyPath, int], given: frozenset[KeyPath]) -> int:
    """Return the line of the problem's key, or of the first key it contradicts; 0 for the command line."""
    keys: tuple[KeyPath, ...] = (problem.key, *problem.others)
    for key in keys:
        if key in given:
            return 0
        written = next((path for path in (key, _split(key)) if path in lines), None)
        if written:
            return lines[written]
    return next((lines[table] for table in _tables(problem.key) if table in lines), 0)


def _split(key: KeyPath) -> KeyPath:
    """Give the path of a setting whose name TOML reads as tables."""
    return tuple(part for name in key for part in name.split("."))


def _tables(key: KeyPath) -> Iterator[KeyPath]:
    for length in range(len(key) - 1, 0, -1):
        yield key[:length]
