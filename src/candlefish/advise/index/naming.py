"""Names of indexes: what they are on, and which."""

import hashlib
from typing import Final

from candlefish.advise.index.definition import Index

NAME_BYTES: Final = 63
"""Longest name that PostgreSQL keeps (NAMEDATALEN - 1)."""

PREFIX: Final = "cf"
"""By which candlefish knows its own indexes."""


def index_name(index: Index) -> str:
    """Return a name that says table and keys, at most 63 bytes, with six hex digits of the whole definition."""
    digits = hashlib.blake2b(index.render().encode(), digest_size=3).hexdigest()
    words = [PREFIX, index.table.name, *(key.column or "expr" for key in index.keys)]
    head = "_".join(words).encode()[: NAME_BYTES - len(digits) - 1]
    return f"{head.decode(errors='ignore').rstrip('_')}_{digits}"
