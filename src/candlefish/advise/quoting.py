"""Names and texts as SQL writes them."""

from psycopg import sql

from candlefish.advise.statements import Table


def quote(name: str) -> str:
    """Return an identifier in quotes."""
    return sql.Identifier(name).as_string(None)


def quote_table(table: Table) -> str:
    """Return schema and table in quotes."""
    return sql.Identifier(table.schema, table.name).as_string(None)


def literal(text: str) -> str:
    """Return a text as a literal."""
    return sql.Literal(text).as_string(None)
