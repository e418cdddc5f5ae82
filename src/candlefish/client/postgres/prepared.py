"""Find out whether prepared statements survive on the way to the server; nobody has to configure it."""

from uuid import uuid4

import asyncpg

STATEMENT_CACHE = 100
"""Prepared statements kept for each connection: asyncpg's own default, half of the pooler's max_prepared_statements."""


async def survive(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Return True when a prepared statement may be used again on this endpoint.

    A direct connection (or one through a proxy that only passes bytes on) is known by its cancel key, which names the
    backend's own pid; a pooler makes up a key of its own. A pooler that follows prepared statements (PgBouncer >= 1.21)
    renames them, so a statement that looks for itself in pg_prepared_statements finds another name. An older one keeps
    the name, or has the statement on another server by now. An application's user may not ask for SHOW VERSION.
    """
    name = f"candlefish_{uuid4().hex}"
    looks_for_itself = f"select name, pg_backend_pid() as pid from pg_prepared_statements where statement ~ '{name}'"
    try:
        statement = await connection.prepare(looks_for_itself, name=name)
        rows = await statement.fetch()
    except asyncpg.InvalidSQLStatementNameError:
        return False
    if not rows:
        return False
    direct: bool = rows[0]["pid"] == connection.get_server_pid()
    return direct or rows[0]["name"] != name
