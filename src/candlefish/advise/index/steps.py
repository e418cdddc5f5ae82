"""A recommendation as the statements that carry it out, one by one, and those that take each back."""

from collections.abc import Iterator
from dataclasses import replace

from candlefish.advise.advice import Step
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.definition import Index
from candlefish.advise.index.extension import create_extension, needed_extension
from candlefish.advise.index.naming import index_name
from candlefish.advise.quoting import quote
from candlefish.advise.statements import Table


def steps_of(index: Index, catalog: Catalog) -> tuple[Step, ...]:
    """Return the statements that make an index without blocking writes.

    On a partitioned table PostgreSQL has no CONCURRENTLY: an empty index is made there, one in each partition
    concurrently, and each is attached; the last one makes the whole valid. An extension that the index needs and the
    database lacks comes first.
    """
    needed = needed_extension(index)
    first = (Step(create_extension(needed)),) if needed and needed not in catalog.extensions else ()
    return (*first, *_steps(index, index.table, catalog))


def _steps(index: Index, table: Table, catalog: Catalog) -> Iterator[Step]:
    here = replace(index, table=table)
    name = index_name(here)
    facts = catalog.tables.get(table)
    if facts is None or facts.kind != "partitioned table":
        yield Step(here.render(name, concurrently=True), (table.schema, name))
        return
    yield Step(here.render(name).replace(" ON ", " ON ONLY ", 1), (table.schema, name))
    for part in sorted(one.table for one in catalog.tables.values() if one.parent == table):
        yield from _steps(index, part, catalog)
        child = f"{quote(part.schema)}.{quote(index_name(replace(index, table=part)))}"
        yield Step(f"ALTER INDEX {quote(table.schema)}.{quote(name)} ATTACH PARTITION {child}")
