"""Names of databases: which ones the tier can serve."""

import re

ENDPOINTS = ("main", "read", "session", "analytics")
"""Suffixes that the pooler adds to a database's name; `read_1` and on lead to one replica each."""

MAX_NAME = 63 - len("_analytics")
"""PostgreSQL and PgBouncer cut names at 63 bytes, and the longest endpoint must fit."""

_RESERVED = {"postgres": "PostgreSQL's own", "template0": "PostgreSQL's own", "template1": "PostgreSQL's own",
             "pgbouncer": "the pooler's console"}  # fmt: skip

_NAME = re.compile(r"^[a-z_][a-z0-9_]*$")


def check_database_name(name: str) -> str:
    """Return why a database can't have this name in a tier, or an empty text."""
    if name in _RESERVED:
        return f"{name!r} is {_RESERVED[name]}"
    if not _NAME.match(name):
        return f"{name!r} is no name: a lower-case letter or underscore, then lower-case letters, digits, underscores"
    if len(name) > MAX_NAME:
        return f"{name!r} has {len(name)} characters, {MAX_NAME} fit (the pooler adds an ending such as _analytics)"
    return ""
