"""Values for a parameter: from the statistics of the column it meets, from a few of its rows, or from its type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from candlefish.advise.catalog.model import Catalog, Column
from candlefish.advise.index.candidates.keys import find_column
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import literal, quote_table
from candlefish.advise.statements import Table
from candlefish.advise.workload.fingerprint import OWN
from candlefish.advise.workload.parameters import Parameter
from candlefish.advise.workload.shapes import shaped

SAMPLES: Final = 3
"""Values of each parameter: a typical one, a frequent one, a rare one."""

RECENT: Final = (0.93, 0.97)
"""Quantiles that a range asks for: applications ask for the newest few per cent of a time, so the bounds are there."""

LOOK_MS: Final = 2000
"""How long reading a few values of a table may take."""

LEAST_PREFIX: Final = 4
"""Characters of a pattern that begins with something known, half the value's own where that is more."""

_ROWS: Final = 10
"""LIMIT where nobody knows how many rows a call returned."""

_LOOKED_AT: Final = 5000
"""Rows of a table that are read for values where no statistics tell them."""

_BY_PLACE: Final = {"offset": "0", "part": "year", "trunc": "day"}
"""What an OFFSET, date_part and date_trunc take; one `year` plans as another field would."""

_BY_TYPE: Final = {
    "bool": ("true", "false", "true"),
    "interval": ("1 day", "1 hour", "7 days"),
    "uuid": ("00000000-0000-0000-0000-000000000000",) * 3,
    "jsonb": ("{}",) * 3,
    "json": ("{}",) * 3,
    "inet": ("127.0.0.1",) * 3,
    "bytea": ("",) * 3,
    "regclass": ("pg_class",) * 3,
    "regconfig": ("english",) * 3,
    "tsquery": ("candlefish",) * 3,
    "xml": ("<a/>",) * 3,
    "bit": ("0",) * 3,
    "bit varying": ("0",) * 3,
    "macaddr": ("08:00:2b:01:02:03",) * 3,
    "point": ("(0,0)",) * 3,
    "money": ("1",) * 3,
    "oid": ("1",) * 3,
    "time without time zone": ("12:00",) * 3,
    "time with time zone": ("12:00+00",) * 3,
}
_FRACTIONS: Final = frozenset({"real", "double precision"})
_NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "oid"})
_TIMES: Final = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})


@dataclass(frozen=True, slots=True)
class Values:
    """Where values come from. `rows_per_call` stands for a LIMIT."""

    connection: Connection
    catalog: Catalog
    rows_per_call: float | None = None

    def of(self, parameter: Parameter) -> tuple[str | None, ...]:
        """Return SAMPLES values of a parameter as text: typical, frequent, rare; None (NULL) where its type takes none.

        Every value was read once as a value of the parameter's type.
        """
        if parameter.counts in ("limit", "fetch"):
            return (str(max(round(self.rows_per_call or _ROWS), 1)),) * SAMPLES
        if parameter.counts:
            return (_BY_PLACE[parameter.counts],) * SAMPLES
        found = tuple(self._shaped(value, parameter) for value in self._met(parameter))
        if len(found) == SAMPLES and self._fits(found, parameter.type):
            return found
        made = self._labels(parameter.type) or _of_type(parameter.type)
        return made if self._fits(made, parameter.type) else (None,) * SAMPLES

    def _met(self, parameter: Parameter) -> tuple[str, ...]:
        """Return values of the expression that a parameter meets, () where it meets none."""
        if parameter.table is None or parameter.predicate is None:
            return ()
        facts = self.catalog.tables.get(parameter.table)
        column = find_column(parameter.predicate.expression, facts) if facts is not None else None
        found = _of_column(column, parameter.predicate.operator) if column is not None else ()
        found = found or self._read(parameter)
        if parameter.type == "interval" and not parameter.is_value:
            return tuple(self._ask("SELECT (now() - {}::timestamptz)::text", value) or "" for value in found)
        return found

    def of_a_row(self, parameters: Iterable[Parameter]) -> dict[int, str]:
        """Return values that one row has, by number, for parameters that are compared with the same table for equality.

        Values drawn one by one need not occur together.
        """
        by_table: dict[Table, dict[int, Parameter]] = {}
        for one in parameters:
            if one.table is not None and one.predicate is not None and one.is_value and one.predicate.operator == "=":
                by_table.setdefault(one.table, {})[one.number] = one
        found: dict[int, str] = {}
        for table, met in by_table.items():
            if len(met) > 1:
                rows = self._rows(
                    table, [one.predicate.expression for one in met.values() if one.predicate is not None]
                )
                row = rows[len(rows) // 2] if rows else ()
                pairs = zip(met.values(), row, strict=False)
                found |= {one.number: value for one, value in pairs if self._fits((value,), one.type)}
        return found

    def _read(self, parameter: Parameter) -> tuple[str, ...]:
        """Return a few values that rows have for the expression."""
        assert parameter.table is not None
        assert parameter.predicate is not None
        rows = [row[0] for row in self._rows(parameter.table, [parameter.predicate.expression])]
        return (rows[len(rows) // 2], rows[0], rows[-1]) if rows else ()

    def _rows(self, table: Table, expressions: Sequence[str]) -> list[tuple[str, ...]]:
        """Return what the first rows of a table have for some expressions, the most frequent first; none on refusal."""
        names = [f"e{at}" for at in range(len(expressions))]
        inner = ", ".join(f"(({text}))::text AS {name}" for text, name in zip(expressions, names, strict=True))
        query = (
            f"SELECT {', '.join(names)} FROM (SELECT {inner} FROM {quote_table(table)} {OWN} LIMIT {_LOOKED_AT}) AS t"
            f" WHERE num_nulls({', '.join(names)}) = 0 GROUP BY {', '.join(names)} ORDER BY count(*) DESC, 1 LIMIT 50"
        )
        try:
            with self.connection.transaction():
                self.connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(LOOK_MS))
                return self.connection.execute(query.encode()).fetchall()
        except psycopg.Error:
            if self.connection.closed:
                raise
            return []

    def _shaped(self, value: str, parameter: Parameter) -> str:
        """Return a value in the form that its operator wants, asking PostgreSQL about arrays."""
        assert parameter.predicate is not None
        operator, of = parameter.predicate.operator, parameter.type
        if operator in ("= ANY", "<> ALL") and of.endswith("[]") and parameter.is_value:
            return self._ask("SELECT array[{}]::text", value) or value
        if operator in ("@>", "&&") and of.endswith("[]"):
            return self._ask(f"SELECT (({{}}::{of})[1:1])::text", value) or value
        if operator in ("@>", "&&") and not of.endswith(("range", "jsonb")) and value[:1] in ("[", "("):
            return value[1:].split(",")[0].strip('"')  # the lower bound lies in most ranges
        return shaped(value, operator, of)

    def _labels(self, of: str) -> tuple[str, ...]:
        """Return the first label of an enum, () of another type."""
        query = "SELECT enumlabel FROM pg_enum WHERE enumtype = to_regtype({}) ORDER BY enumsortorder LIMIT 1"
        label = self._ask(query, of)
        return (label,) * SAMPLES if label is not None else ()

    def _fits(self, values: tuple[str | None, ...], of: str) -> bool:
        return all(value is None or self._ask(f"SELECT ({{}}::{of})::text", value) is not None for value in {*values})

    def _ask(self, query: str, value: str) -> str | None:
        """Return what a query about a value gives, None where PostgreSQL refuses it."""
        try:
            row = self.connection.execute(query.replace("{}", literal(value)).encode()).fetchone()
        except psycopg.Error:
            if self.connection.closed:
                raise
            return None
        return str(row[0]) if row is not None and row[0] is not None else None


def _of_column(column: Column, operator: str) -> tuple[str, ...]:
    """Return values from a column's statistics, () where there are none."""
    common, histogram = [value for value, _ in column.common], column.histogram
    if operator in ("<", "<=", ">", ">="):
        ordered = histogram or tuple(common)
        if not ordered:
            return ()
        low, high = (ordered[min(int(part * len(ordered)), len(ordered) - 1)] for part in RECENT)
        return (low if operator.startswith(">") else high,) * SAMPLES
    rest = histogram[len(histogram) // 2] if histogram else ""
    if not common:
        return (rest, histogram[len(histogram) // 4], histogram[3 * len(histogram) // 4]) if histogram else ()
    typical = rest if rest and sum(share for _, share in column.common) < 0.5 else common[len(common) // 2]
    return typical, common[0], rest or common[-1]


def _of_type(of: str) -> tuple[str | None, ...]:
    if of in _FRACTIONS:
        return ("0.5", "0.9", "0.1")  # a percentile, a share, a factor
    if of in _NUMBERS:
        return ("1", "2", "3")
    if of in _TIMES:
        return ("now", "today", "yesterday")
    if of.endswith("[]"):
        return ("{}",) * SAMPLES
    found: Mapping[str, tuple[str, ...]] = _BY_TYPE
    name = {"boolean": "bool", "cidr": "inet"}.get(of, of)
    return found.get(name, ("empty",) * SAMPLES if "range" in of else ("a", "b", "c"))
