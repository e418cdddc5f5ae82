"""What a statement leaves that was cut short: an invalid index, or the passing index of a rebuild."""

import re
from typing import Final

from candlefish.advise.apply.journal import Entry
from candlefish.advise.apply.look import Made, find_index
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote

_PASSING: Final = re.compile(r"(.*)_cc(?:new|old)\d*", re.DOTALL)
"""Names that REINDEX CONCURRENTLY gives: the new index while it is built, the old one while it goes."""

CUT_BYTES: Final = 60
"""A passing name from this length on may have lost the end of the index's: PostgreSQL cuts at 63 bytes, and never
within a character of up to 4."""

_INVALID_BESIDE: Final = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i' AND i.indrelid = (
    SELECT o.indrelid FROM pg_index o JOIN pg_class oc ON oc.oid = o.indexrelid
    JOIN pg_namespace n ON n.oid = oc.relnamespace WHERE n.nspname = %s AND oc.relname = %s)
"""


def leftovers_of(connection: Connection, entry: Entry) -> dict[tuple[str, str], Made]:
    """Return the invalid indexes that a line of the journal accounts for."""
    if entry.rebuilds is None:
        names = [entry.index] if entry.index[1] else []
    else:
        schema, name = entry.rebuilds
        rows = connection.execute(_INVALID_BESIDE, entry.rebuilds).fetchall()
        names = [(schema, str(row[0])) for row in rows if is_passing(str(row[0]), name)]
    found = {name: find_index(connection, name) for name in names}
    return {name: made for name, made in found.items() if made is not None and not made.is_whole}


def remove_leftovers(connection: Connection, entry: Entry) -> bool:
    """Drop what a line of the journal left invalid; tell whether there was anything."""
    left = leftovers_of(connection, entry)
    for schema, name in left:
        connection.execute("SET lock_timeout = 0")  # until it is gone, every write pays for it
        connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(schema)}.{quote(name)}".encode())
    return bool(left)


def is_passing(name: str, of: str) -> bool:
    """Tell whether a name is one that REINDEX CONCURRENTLY gives while it rebuilds the index `of`."""
    match = _PASSING.fullmatch(name)
    return match is not None and (match[1] == of or (of.startswith(match[1]) and len(name.encode()) >= CUT_BYTES))
