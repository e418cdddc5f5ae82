"""INCLUDE: the columns that a statement reads besides, so that it need not visit the table."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.definition import Index
from candlefish.advise.plans.access import Access

MOST_INCLUDED: Final = 5
"""Columns that ride along."""

MOST_INCLUDED_BYTES: Final = 64
"""Average width of what rides along: an entry is then about four times as wide as that of one integer."""


def with_included(index: Index, access: Access, facts: TableFacts) -> Iterator[Index]:
    """Give an index again with every column that the statement reads, where that is little."""
    if access.needed is None or access.is_target or index.method != "btree":
        return
    more = tuple(sorted((access.needed & set(facts.columns)) - set(index.columns)))
    width = sum(facts.columns[name].width_bytes for name in more)
    if 0 < len(more) <= MOST_INCLUDED and width <= MOST_INCLUDED_BYTES:
        yield replace(index, include=more)
