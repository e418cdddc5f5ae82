"""Extensions that a step makes: one that was there before is none of ours, and none goes that something else uses."""

import re
from typing import Final

import psycopg

from candlefish.advise.plans.explain import Connection
from candlefish.advise.plans.tokens import unquote
from candlefish.advise.quoting import quote

_MAKES: Final = re.compile(r'CREATE EXTENSION IF NOT EXISTS ("(?:[^"]|"")+")$')


def made_extension(statement: str) -> str:
    """Return the extension that a statement makes, "" for any other statement."""
    found = _MAKES.match(statement)
    return unquote(found[1]) if found is not None else ""


def has_extension(connection: Connection, name: str) -> bool:
    """Tell whether the database has an extension."""
    return connection.execute("SELECT 1 FROM pg_extension WHERE extname = %s", (name,)).fetchone() is not None


def drop_extension(connection: Connection, name: str) -> bool:
    """Drop an extension; False where something uses it."""
    try:
        connection.execute(f"DROP EXTENSION IF EXISTS {quote(name)} RESTRICT".encode())
    except psycopg.errors.DependentObjectsStillExist:
        return False
    return True
