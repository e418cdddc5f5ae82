"""How large an index really gets, from statistics: HypoPG's figure is 1.2 to 12 times too high for b-trees."""

import math
from typing import Final

from candlefish.advise.catalog.model import Column, TableFacts
from candlefish.advise.index.definition import Index, Key

PAGE_BYTES: Final = 8192
FILL_RATIO: Final = 0.9
"""Of a b-tree's leaves when it is built (its fillfactor)."""

HASH_FILL_RATIO: Final = 0.75
"""The same of a hash index."""

ENTRY_BYTES: Final = 12
"""Beside the values: the tuple's header of 8 bytes, and 4 of its line pointer (storage/itup.h)."""

POSTING_BYTES: Final = 6
"""Of each further row with the same key, since PostgreSQL 13 (nbtree deduplication)."""

BRIN_ENTRY_BYTES: Final = 32
"""A range's summary of two values, with its header and pointer."""

INNER_RATIO: Final = 0.006
"""Pages above the leaves, of the leaves."""

EXPRESSION_BYTES: Final = 8
"""Taken for an expression's value, of which nothing is known before it is built."""

EXPRESSION_DISTINCT_RATIO: Final = 0.1
"""Distinct values of an expression, of the rows, likewise."""

CONTENT_RATIO: Final = 0.5
"""GIN and GiST, of what the column itself takes: a guess until it is built."""


_NOT_DEDUPLICATED: Final = frozenset({"bpchar", "numeric", "float4", "float8", "jsonb", "citext"})
"""Types whose equal values can look different, so that every row keeps its entry (btequalimage); arrays and ranges
too."""


def estimate_size_bytes(index: Index, facts: TableFacts, share: float = 1.0) -> int:
    """Return the size of an index on a table; `share` is that of the rows that its predicate takes."""
    rows = max(facts.rows * share, 1.0)
    if index.method == "brin":
        pages = int(dict(index.options).get("pages_per_range", "128"))
        return 3 * PAGE_BYTES + math.ceil(facts.size_bytes / PAGE_BYTES / pages) * BRIN_ENTRY_BYTES
    if index.method == "hash":
        return 4 * PAGE_BYTES + round(rows * (ENTRY_BYTES + 8) / HASH_FILL_RATIO)
    if index.method != "btree":
        return 2 * PAGE_BYTES + round(CONTENT_RATIO * rows * sum(_width(key, facts) for key in index.keys))
    return _btree(index, facts, rows)


def _btree(index: Index, facts: TableFacts, rows: float) -> int:
    width = sum(_align(_width(key, facts)) for key in index.keys)
    width += sum(_align(facts.columns[name].width_bytes) for name in index.include if name in facts.columns)
    distinct = min(rows, math.prod(_distinct(key, facts) for key in index.keys))
    if index.include or distinct > rows / 1.5 or not all(_is_deduplicated(key, facts) for key in index.keys):
        used = rows * (ENTRY_BYTES + _align8(width))
    else:
        used = distinct * (ENTRY_BYTES + _align8(width)) + rows * POSTING_BYTES
    pages = math.ceil(used / FILL_RATIO / (PAGE_BYTES - 40) * (1 + INNER_RATIO))
    return (pages + 1) * PAGE_BYTES


def _width(key: Key, facts: TableFacts) -> int:
    column = facts.columns.get(key.column)
    return column.width_bytes or EXPRESSION_BYTES if column is not None else EXPRESSION_BYTES


def _distinct(key: Key, facts: TableFacts) -> float:
    column: Column | None = facts.columns.get(key.column)
    if column is None or not column.distinct:
        return max(facts.rows * EXPRESSION_DISTINCT_RATIO, 1.0)
    return column.distinct


def _is_deduplicated(key: Key, facts: TableFacts) -> bool:
    column = facts.columns.get(key.column)
    of = column.base_type if column is not None else ""
    return of not in _NOT_DEDUPLICATED and not of.startswith("_") and not of.endswith("range")


def _align(width: int) -> int:
    return math.ceil(width / 4) * 4 if width > 2 else width


def _align8(width: int) -> int:
    return math.ceil(width / 8) * 8
