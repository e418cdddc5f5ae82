"""Count what a database holds."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from candlefish.migrate.model import Contents

COUNTED_BYTES = 4 << 30
"""Up to this size rows are counted; beyond it that takes minutes, and estimates stand in."""

_OWN = """
    n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_t'
    and not exists (select from pg_depend d where d.objid = {oid} and d.deptype = 'e')
"""
_RELATIONS = f"""
    select n.nspname, c.relname, c.relkind::text, c.relispartition, greatest(c.reltuples, 0)::bigint
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where {_OWN.format(oid="c.oid")}
"""
_OTHERS = f"""
    select (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where {_OWN.format(oid="p.oid")}),
           (select count(*) from pg_trigger t where not t.tgisinternal and t.tgparentid = 0),
           (select count(*) from pg_largeobject_metadata),
           (select array(select extname || ' ' || extversion from pg_extension
            where extname <> 'plpgsql' order by 1)),
           pg_database_size(current_database())
"""

Connection = psycopg.Connection[tuple[Any, ...]]


def fetch_contents(connection: Connection) -> Contents:
    """Count what a database holds, without what belongs to its extensions."""
    relations = connection.execute(_RELATIONS).fetchall()
    others = connection.execute(_OTHERS).fetchone()
    assert others is not None
    functions, triggers, large_objects, extensions, size_bytes = others
    kinds = [(kind, partition) for _, _, kind, partition, _ in relations]
    exact = size_bytes <= COUNTED_BYTES
    return Contents(
        tables=sum(kind in "rp" and not partition for kind, partition in kinds),
        partitions=sum(kind in "rp" and partition for kind, partition in kinds),
        rows=_count(connection, relations) if exact else sum(row[4] for row in relations if row[2] == "r"),
        rows_exact=exact,
        indexes=sum(kind in "iI" and not partition for kind, partition in kinds),
        views=sum(kind == "v" for kind, _ in kinds),
        materialized_views=sum(kind == "m" for kind, _ in kinds),
        sequences=sum(kind == "S" for kind, _ in kinds),
        functions=functions,
        triggers=triggers,
        large_objects=large_objects,
        extensions=tuple(extensions),
        size_bytes=size_bytes,
    )


def _count(connection: Connection, relations: Sequence[tuple[Any, ...]]) -> int:
    total = 0
    for schema, name, kind, _, _ in relations:
        if kind == "r":
            count = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            row = connection.execute(count).fetchone()
            total += row[0] if row else 0
    return total
