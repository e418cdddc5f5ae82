"""A table for tests, in few words."""

from candlefish.advise.catalog.model import Catalog, Column, TableFacts
from candlefish.advise.statements import Table


def column(name: str, type: str = "int4", **facts: object) -> Column:
    defaults: dict[str, object] = {"distinct": 1000.0, "width_bytes": 4, "not_null": True}
    return Column(name=name, number=1, type=type, base_type=type, **(defaults | facts))  # type: ignore[arg-type]


def table(*columns: Column, name: str = "t", rows: float = 100_000, **facts: object) -> TableFacts:
    width = 28 + sum(one.width_bytes for one in columns)
    defaults: dict[str, object] = {"size_bytes": int(rows * width), "kind": "table", "oid": 1}
    return TableFacts(
        table=Table("public", name),
        rows=rows,
        columns={one.name: one for one in columns},
        **(defaults | facts),  # type: ignore[arg-type]
    )


def catalog(*tables: TableFacts, extensions: frozenset[str] = frozenset()) -> Catalog:
    return Catalog(
        database="d",
        server_version=150000,
        size_bytes=0,
        collation_is_c=False,
        tables={one.table: one for one in tables},
        extensions=extensions,
    )
