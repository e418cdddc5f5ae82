"""Names of tables with their schema: other roles' search paths lead to tables that ours does not."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.tokens import unquote
from candlefish.advise.quoting import quote_table
from candlefish.advise.statements import Table
from candlefish.advise.workload.split import pieces

MOST_SCHEMAS: Final = 3
"""Schemas with tables of the same names that are tried, those with the most rows first."""

_TABLE_FOLLOWS: Final = frozenset({"from", "join", "update", "into", "only", "using"})
_CLAUSES: Final = frozenset(
    {
        "select",
        "from",
        "using",
        "where",
        "set",
        "group",
        "order",
        "having",
        "values",
        "returning",
        "limit",
        "on",
        "with",
    }
)
_LISTS_TABLES: Final = ("from", "using")


def qualified(text: str, catalog: Catalog) -> Iterator[str]:
    """Give the text with schemas before the tables that the search path does not find, one schema after the other."""
    named = {name for _, name in _tables(text)}
    on_path = {table.name for table in catalog.tables if table.schema in catalog.search_path}
    missing = named - on_path
    by_schema: dict[str, dict[str, Table]] = {}
    rows: dict[str, float] = {}
    for table, facts in catalog.tables.items():
        if table.name in missing:
            by_schema.setdefault(table.schema, {})[table.name] = table
            rows[table.schema] = rows.get(table.schema, 0.0) + facts.rows
    for schema in sorted(by_schema, key=lambda one: (-len(by_schema[one]), -rows[one], one))[:MOST_SCHEMAS]:
        yield _with_schema(text, by_schema[schema])


def _with_schema(text: str, tables: dict[str, Table]) -> str:
    words = [found for _, found in pieces(text)]
    for at, name in _tables(text):
        if name in tables:
            words[at] = quote_table(tables[name])
    return "".join(words)


def _tables(text: str) -> Iterator[tuple[int, str]]:
    """Give (place, name) of each name without a schema where the grammar wants a table."""
    words = [(at, kind, found) for at, (kind, found) in enumerate(pieces(text)) if kind not in ("space", "comment")]
    clauses = [""]
    for number, (at, kind, found) in enumerate(words):
        before = words[number - 1][2].lower() if number else ""
        after = words[number + 1][2] if number + 1 < len(words) else ""
        if found == "(":
            clauses.append(clauses[-1] if before == "(" else "")
        elif found == ")" and len(clauses) > 1:
            clauses.pop()
        is_wanted = before in _TABLE_FOLLOWS or (before == "," and clauses[-1] in _LISTS_TABLES)
        if kind in ("word", "quoted") and is_wanted and after != "." and found.lower() not in _TABLE_FOLLOWS:
            yield at, unquote(found) if kind == "quoted" else found.lower()
        if kind == "word" and found.lower() in _CLAUSES:
            clauses[-1] = found.lower()
