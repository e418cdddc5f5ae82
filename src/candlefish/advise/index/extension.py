"""Which extension an index needs, and the statement that makes it."""

from typing import Final

from candlefish.advise.index.definition import Index
from candlefish.advise.quoting import quote

TRIGRAMS: Final = "pg_trgm"

_BY_CLASS: Final = {"gin_trgm_ops": TRIGRAMS, "gist_trgm_ops": TRIGRAMS}


def needed_extension(index: Index) -> str:
    """Return the extension that has an index's operator classes, "" where PostgreSQL itself has them."""
    return next((_BY_CLASS[key.opclass] for key in index.keys if key.opclass in _BY_CLASS), "")


def create_extension(name: str) -> str:
    """Return the statement that makes an extension where it is not there."""
    return f"CREATE EXTENSION IF NOT EXISTS {quote(name)}"
