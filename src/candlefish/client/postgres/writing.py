"""Whether a statement writes, told by its text."""

import re
from functools import lru_cache

TEXTS = 1000
"""Texts whose answer is remembered: more than an application has. Those with values in them come and go."""

_QUOTED = re.compile(
    r"""
      \be'(?:[^'\\]|\\.|'')*'               # a literal with escapes
    | '(?:[^']|'')*'                        # a literal
    | "(?:[^"]|"")*"                        # a name
    | \$((?:[a-z_]\w*)?)\$.*?\$\1\$         # a literal between dollars
    | --[^\n]*                              # a comment
    | /\*.*?\*/
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)

_READS = re.compile(r"[\s(]*(?:select|with|values|table|show|explain)\b", re.IGNORECASE)

_WRITES = re.compile(
    r"\b(?:into|update|delete\s+from|for\s+(?:key\s+)?share|nextval|setval|pg_notify)\b", re.IGNORECASE
)
"""In a statement that begins like a read: SELECT INTO, WITH x AS (INSERT ...), a row lock, and what a replica refuses
of the server's own functions."""


@lru_cache(TEXTS)
def is_write(sql: str) -> bool:
    """Tell whether a statement needs the primary; an application's function that writes is not seen."""
    bare = _QUOTED.sub(" ", sql)
    return _READS.match(bare) is None or _WRITES.search(bare) is not None
