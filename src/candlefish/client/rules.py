"""Rules: which keys and tags a change of a table makes stale; read from a TOML file, every mistake reported at once.

[[rule]]
table = "public.users"
keys = ["user:{id}", "profile:{email}"]
tags = ["org:{org_id}"]
columns = ["name", "email"]     # optional: an update counts only when one of these (or of the keys) changes
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Protocol

from candlefish.client.aside.quoting import quote
from candlefish.client.aside.template import Field, parse_template
from candlefish.errors import SpecError, UsageError, closest

EXAMPLE: Final = '[[rule]] with table = "public.users" and keys = ["user:{id}"]'

_KEYS: Final = ("table", "keys", "tags", "columns")


class RowLike(Protocol):
    """A row by its columns: a driver's record, or a dict."""

    def __getitem__(self, column: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class KeyTemplate:
    """A key with columns in it, written as the client's key templates are."""

    text: str
    fields: tuple[Field, ...]
    after: str

    @property
    def columns(self) -> frozenset[str]:
        """Return the columns that stand in it."""
        return frozenset(field.name for field in self.fields)

    def write(self, row: RowLike) -> str:
        """Return the key of a row; raise UsageError when it lacks a column."""
        try:
            return "".join(field.before + quote(row[field.name]) for field in self.fields) + self.after
        except KeyError as error:
            raise UsageError(f"the key {self.text!r} needs the column {error}, which the row lacks") from error


@dataclass(frozen=True, slots=True)
class Rule:
    """What a change of one table makes stale; without `columns` every update does."""

    table: str
    keys: tuple[KeyTemplate, ...] = ()
    tags: tuple[KeyTemplate, ...] = ()
    columns: frozenset[str] = frozenset()

    @property
    def needed(self) -> frozenset[str]:
        """Return every column whose value before a change has to be known."""
        return self.columns.union(*(template.columns for template in (*self.keys, *self.tags)))


class Rules:
    """The rules of an application, by table."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.table, []).append(rule)

    def find(self, table: str, rows: Iterable[RowLike]) -> tuple[list[str], list[str]]:
        """Return the keys and the tags that rows of a table make stale; raise UsageError when no rule speaks of it."""
        rules = self._rules.get(_full_name(table))
        if rules is None:
            raise UsageError(
                f"no rule speaks of the table {table!r}{closest(_full_name(table), self._rules)}",
                hint=f"write {EXAMPLE}",
            )
        rows = list(rows)
        keys, tags = (
            [template.write(row) for rule in rules for template in templates(rule) for row in rows]
            for templates in (attrgetter("keys"), attrgetter("tags"))
        )
        return list(dict.fromkeys(keys)), list(dict.fromkeys(tags))


def load_rules(file: Path) -> tuple[Rule, ...]:
    """Return the rules of a TOML file; raise SpecError with a line for each mistake, UsageError if unreadable."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"could not read the rules in {file}: {reason.lower()}", hint=f"write {EXAMPLE}") from error
    try:
        return make_rules(tomllib.loads(text), str(file))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{file} is not valid TOML", problems=(f"{file}: {error}",)) from error


def make_rules(data: Mapping[str, Any], source: str = "the rules") -> tuple[Rule, ...]:
    """Return the rules of parsed TOML; raise SpecError with one line for each mistake."""
    problems = list(_find_problems(data))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise SpecError(
            f"{count} in {source}", problems=tuple(f"{source}: {problem}" for problem in problems),
            hint=f"a rule is {EXAMPLE}",
        )  # fmt: skip
    return tuple(_make_rule(rule) for rule in data["rule"])


def make_template(text: str) -> KeyTemplate:
    """Take a key template apart; raise UsageError when it is none or names an attribute instead of a column."""
    fields, after = parse_template(text)
    for field in fields:
        if field.read is not None or not field.name:
            raise UsageError(f"the key template {text!r} needs the name of a column in each {{}}, as in 'user:{{id}}'")
    return KeyTemplate(text, fields, after)


def tables_of(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Return the tables that rules speak of, each once."""
    return tuple(dict.fromkeys(rule.table for rule in rules))


def _make_rule(data: Mapping[str, Any]) -> Rule:
    keys, tags = (tuple(map(make_template, data.get(name, ()))) for name in ("keys", "tags"))
    return Rule(_full_name(data["table"]), keys, tags, frozenset(data.get("columns", ())))


def _full_name(table: str) -> str:
    return table if "." in table else f"public.{table}"


def _find_problems(data: Mapping[str, Any]) -> Iterator[str]:
    for key in data.keys() - {"rule"}:
        yield f"unknown key {key!r}{closest(key, ['rule'])}"
    rules = data.get("rule")
    if not isinstance(rules, list) or not rules:
        yield "there is no rule"
        return
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, Mapping):
            yield f"rule {number} is not a table: write [[rule]]"
            continue
        table = rule.get("table")
        name = f"rule {number} ({table})" if isinstance(table, str) else f"rule {number}"
        yield from (f"{name}: {problem}" for problem in _find_mistakes(rule))


def _find_mistakes(rule: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(rule.keys() - set(_KEYS)):
        yield f"unknown key {key!r}{closest(key, _KEYS)}"
    table = rule.get("table")
    if table is None:
        yield 'it names no table: write table = "public.users"'
    elif not isinstance(table, str) or not all(table.split(".")) or table.count(".") > 1:
        yield f"table = {table!r} is no name of a table: write schema.table"
    if not rule.get("keys") and not rule.get("tags"):
        yield "it has neither keys nor tags, so a change would make nothing stale"
    for name in _KEYS[1:]:
        texts = rule.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            yield f"{name} = {texts!r} is no list of texts"
        elif name != "columns":
            yield from _find_wrong_templates(texts)


def _find_wrong_templates(texts: list[str]) -> Iterator[str]:
    for text in texts:
        try:
            make_template(text)
        except UsageError as error:
            yield error.message
