"""Statements whose time lies in the triggers of foreign keys: no plan shows that they read the referring table."""

import psycopg
from psycopg import sql

from candlefish.advise.catalog.model import Catalog, ForeignKey
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Statement, Table, Workload
from candlefish.advise.workload.writes import set_columns, target_of


def statements_touching(
    connection: Connection, foreign_key: ForeignKey, workload: Workload, catalog: Catalog
) -> tuple[Statement, ...]:
    """Return what deletes or renumbers the rows that a foreign key refers to.

    Where the server counted deletes of which no statement is known, one of a row that nobody refers to stands for
    them; it is looked for in the lab, to which `connection` leads.
    """
    found = tuple(one for one in workload.statements if _touches(one, foreign_key, catalog))
    if found:
        return found
    writes = workload.writes.get(foreign_key.referenced)
    if writes is None or not writes.deletes_per_hour:
        return ()
    text = _delete_of_one(connection, foreign_key)
    if not text:
        return ()
    return (Statement(f"delete:{foreign_key.name}", text, "delete", (text,), writes.deletes_per_hour),)


def _touches(statement: Statement, foreign_key: ForeignKey, catalog: Catalog) -> bool:
    target = target_of(statement, catalog)
    if target is None or target not in _referenced(foreign_key, catalog):
        return False
    if statement.kind == "update":
        return bool({*foreign_key.referenced_columns} & {*set_columns(statement.text)})
    return statement.kind in ("delete", "merge")


def _referenced(foreign_key: ForeignKey, catalog: Catalog) -> list[Table]:
    """Return the table that is referred to, and those whose deletes cascade into it."""
    found = [foreign_key.referenced]
    for table in found:
        above = (one.referenced for one in catalog.foreign_keys if one.table == table and one.on_delete == "cascade")
        found += [one for one in above if one not in found]
    return found


def _delete_of_one(connection: Connection, foreign_key: ForeignKey) -> str:
    """Return DELETE of a row without referring rows, "" where there is none."""
    parent = sql.Identifier(foreign_key.referenced.schema, foreign_key.referenced.name)
    child = sql.Identifier(foreign_key.table.schema, foreign_key.table.name)
    pairs = zip(foreign_key.columns, foreign_key.referenced_columns, strict=True)
    joined = sql.SQL(" AND ").join(
        sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(other)) for own, other in pairs
    )
    keys = [sql.Identifier(name) for name in foreign_key.referenced_columns]
    query = sql.SQL("SELECT {} FROM {} AS p WHERE NOT EXISTS (SELECT FROM {} AS c WHERE {}) LIMIT 1").format(
        sql.SQL(", ").join(sql.SQL("p.{}::text").format(key) for key in keys), parent, child, joined
    )
    try:
        row = connection.execute(query).fetchone()
    except psycopg.Error:
        return ""
    if row is None:
        return ""
    where = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(key, sql.Literal(value)) for key, value in zip(keys, row, strict=True)
    )
    return sql.SQL("DELETE FROM {} WHERE {}").format(parent, where).as_string(connection)
