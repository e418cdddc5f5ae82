"""Names of databases: which ones the tier can serve."""

import re

MAX_NAME = 63 - len("_analytics")
"""PostgreSQL and PgBouncer cut names at 63 bytes, and the longest endpoint must fit."""

_TAKEN = {
    "postgres": "PostgreSQL's own",
    "template0": "PostgreSQL's own",
    "template1": "PostgreSQL's own",
    "pgbouncer": "the pooler's console",
}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_ENDPOINT = re.compile(r"_(main|read|read_[0-9]+|session|analytics)$")


def check_database_name(name: str) -> str:
    """Return why a database can't have this name in a tier, or an empty text."""
    if name in _TAKEN:
        return f"{name!r} is {_TAKEN[name]}"
    if not _NAME.fullmatch(name):
        return f"{name!r} is no name: a lower-case letter or underscore, then lower-case letters, digits, underscores"
    if len(name) > MAX_NAME:
        return f"{name!r} has {len(name)} characters, {MAX_NAME} fit (the pooler adds an ending such as _analytics)"
    if end := _ENDPOINT.search(name):
        return f"{name!r} could be an endpoint of a database named {name[: end.start()]!r}"
    return ""
