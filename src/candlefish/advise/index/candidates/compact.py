"""Small indexes: BRIN where the table lies in a column's order, hash where only equality of long values is asked."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.candidates.keys import EQUALITIES, RANGES, find_column, make_key
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.plans.access import Access

ORDERED: Final = 0.95
"""Correlation from which on a block range holds few values: below, BRIN reads most of the table (measured: a column
at 0.9 still reads a tenth of the table for a thousandth of its rows)."""

BRIN_TABLE_BYTES: Final = 8 << 20
"""Smaller tables are 8 ranges of 128 pages at most, and a b-tree on them is small anyway."""

PAGES_PER_RANGE: Final = (32, 128)
"""The second is PostgreSQL's default; the first reads a quarter for four times the (tiny) size."""

LONG_BYTES: Final = 24
"""Average width from which on 4 bytes of hash beside a pointer are much less than the value itself."""


def propose_brin(access: Access, facts: TableFacts) -> Iterator[Index]:
    """Give the block range indexes that serve an access."""
    if facts.size_bytes < BRIN_TABLE_BYTES:
        return
    for one in access.predicates:
        column = find_column(one.expression, facts)
        if column is not None and one.operator in RANGES | {"="} and abs(column.correlation) >= ORDERED:
            for pages in PAGES_PER_RANGE:
                options = (("pages_per_range", str(pages)),) if pages != PAGES_PER_RANGE[-1] else ()
                yield Index(facts.table, (Key(column=column.name),), method="brin", options=options)


def propose_hash(access: Access, facts: TableFacts) -> Iterator[Index]:
    """Give the hash indexes that serve an access."""
    for one in access.predicates:
        column = find_column(one.expression, facts)
        key = make_key(one.expression, facts)
        is_long = column is None or column.width_bytes >= LONG_BYTES
        if key is not None and one.operator in EQUALITIES - {"IS NULL"} and is_long:
            yield Index(facts.table, (key,), method="hash")
