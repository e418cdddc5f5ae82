"""Which names a loaded database may have: its endpoints are named after it, and must not meet others."""

import re

from candlefish.errors import UsageError

LONGEST = 63 - len("__replaced")
"""Bytes: PostgreSQL cuts names at 63, and a load needs room behind the name."""

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_ENDPOINT = re.compile(r"_(main|read|read_[0-9]+|session|analytics)$")
_TAKEN = frozenset({"postgres", "template0", "template1", "pgbouncer"})


def require_name(name: str) -> None:
    """Raise UsageError for a name that a database of the tier cannot have."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a database",
            hint="use lower-case letters, digits and underscores, and begin with a letter",
        )
    if len(name) > LONGEST:
        raise UsageError(f"the name {name} is longer than {LONGEST} characters", hint="choose a shorter one")
    if name in _TAKEN or name.endswith(("__loading", "__replaced")):
        raise UsageError(f"the name {name} is taken by the tier itself", hint="choose another one")
    if end := _ENDPOINT.search(name):
        raise UsageError(
            f"the name {name} could be an endpoint of the database {name[: end.start()]}",
            hint="choose one that does not end in _main, _read, _session or _analytics",
        )
