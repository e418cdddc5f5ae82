"""Parameters of a normalised statement: which column each is compared with, and literals in their place.

The generic plan says which `$n` meets which expression of which table; PostgreSQL's own statistics say which values
are there. PostgreSQL before 16 has no EXPLAIN (GENERIC_PLAN), so the statement is prepared and explained with nulls.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from candlefish.advise.plans.access import Access, Predicate
from candlefish.advise.plans.conditions import strip_cast
from candlefish.advise.plans.explain import Connection, explain
from candlefish.advise.plans.reading import read_accesses
from candlefish.advise.plans.tokens import tokenize
from candlefish.advise.quoting import literal
from candlefish.advise.statements import Table
from candlefish.advise.workload.split import pieces

_NAME: Final = "candlefish_statement"

_GENERIC: Final = {"plan_cache_mode": "force_generic_plan", "enable_partition_pruning": "off"}
"""Settings for a plan that shows every condition: with nulls as values, pruning would take every partition away."""

_COUNT: Final = re.compile(r"\b(limit|offset|fetch first|fetch next)\s+\$(\d+)", re.IGNORECASE)
_FIELD: Final = re.compile(r"\bdate_(part|trunc)\s*\(\s*\$(\d+)", re.IGNORECASE)


class UnknownKey(ValueError):
    """What is compared is itself not known: pg_stat_statements has `doc ->> $1`, and nobody knows which key."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `$n`: its type, and what it is compared with, where the plan tells."""

    number: int
    type: str
    table: Table | None = None
    predicate: Predicate | None = None
    counts: str = ""
    """"limit" or "offset" where it stands behind that; "part" or "trunc" where date_part or date_trunc takes it."""
    is_value: bool = False
    """Whether it is the other side of the comparison itself, not a part of it (`now() - $1`)."""
    is_in_expression: bool = False
    """Whether it is a part of the expression: which one is compared is lost with the constant (`doc ->> $1`)."""


def parameter_types(connection: Connection, text: str) -> tuple[str, ...]:
    """Return the types that PostgreSQL finds for the parameters; its error where the statement can't be prepared."""
    with _prepared(connection, text) as types:
        return types


def find_parameters(connection: Connection, text: str, roots: Mapping[Table, Table]) -> tuple[Parameter, ...]:
    """Return the parameters of a statement; psycopg's error where it can't be prepared."""
    with _prepared(connection, text) as types:
        nulls = f"({', '.join(['NULL'] * len(types))})" if types else ""
        accesses = read_accesses(explain(connection, f"EXECUTE {_NAME}{nulls}", verbose=True), roots)
    _require_known(accesses)
    met = dict(_met(accesses))
    inside = {number for access in accesses for one in _predicates(access) for number in _numbers(one.expression)}
    counts = {int(at): word.lower().split()[0] for word, at in (*_COUNT.findall(text), *_FIELD.findall(text))}
    found = []
    for number, of in enumerate(types, start=1):
        table, predicate = met.get(number, (None, None))
        is_value = predicate is not None and _is_value(predicate.value)
        found.append(
            Parameter(number, of, table, predicate, counts.get(number, ""), is_value, is_in_expression=number in inside)
        )
    return tuple(found)


@contextmanager
def _prepared(connection: Connection, text: str) -> Iterator[tuple[str, ...]]:
    """Hold a statement prepared, with generic plans; give the types of its parameters.

    The extended protocol, which `binary` asks for, refuses a text that holds more than one statement.
    """
    connection.execute(f"PREPARE {_NAME} AS {text}".encode(), binary=True)
    try:
        for name, value in _GENERIC.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        row = connection.execute(
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s", (_NAME,)
        ).fetchone()
        yield tuple(_without_length(of) for of in row[0]) if row is not None else ()
    finally:
        connection.execute(f"DEALLOCATE {_NAME}".encode())
        for name in _GENERIC:
            connection.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))


def _require_known(accesses: tuple[Access, ...]) -> None:
    """Raise UnknownKey where a parameter is a part of what is compared, such as a document's key."""
    for access in accesses:
        for predicate in access.predicates:
            if any(kind == "parameter" for kind, _ in pieces(predicate.expression)):
                raise UnknownKey(predicate.expression)


def fill(text: str, values: Mapping[int, tuple[str | None, str]]) -> str:
    """Return a text with literals for its parameters; `values` gives (value, type) of each number, None for NULL."""

    def written(found: str) -> str:
        value, of = values[int(found[1:])]
        return f"{'NULL' if value is None else literal(value)}::{of}"

    return "".join(written(found) if kind == "parameter" else found for kind, found in pieces(text))


def _renumber(text: str) -> str:
    """Count the parameters from 1 again, where some went."""
    numbers: dict[str, int] = {}
    return "".join(
        f"${numbers.setdefault(found, len(numbers) + 1)}" if kind == "parameter" else found
        for kind, found in pieces(text)
    )


def _without_length(of: str) -> str:
    """Return a type's name that does not cut: `bit` and `character` alone are of length 1."""
    base, brackets = of.removesuffix("[]"), "[]" if of.endswith("[]") else ""
    return {"bit": '"bit"', "character": "bpchar"}.get(base, base) + brackets


def _met(accesses: tuple[Access, ...]) -> Iterator[tuple[int, tuple[Table, Predicate]]]:
    """Give the expression that each parameter is compared with: the first that it is the value of, else any."""
    found = [(access.table, one) for access in accesses for one in _predicates(access)]
    seen = set()
    for table, predicate in sorted(found, key=lambda each: not _is_value(each[1].value)):
        for number in _numbers(predicate.value):
            if number not in seen:
                seen.add(number)
                yield number, (table, predicate)


def _predicates(access: Access) -> Iterator[Predicate]:
    yield from access.predicates
    for branches in access.branches:
        for branch in branches:
            yield from branch


def _is_value(value: str) -> bool:
    tokens = [token.kind for token in tokenize(strip_cast(value)) if token.kind != "space"]
    return tokens == ["parameter"]


def _numbers(text: str) -> Iterator[int]:
    for token in tokenize(text):
        if token.kind == "parameter":
            yield int(token.text[1:])
