"""What makes two texts the same statement: everything but literals, white space and comments."""

import hashlib
import re
from typing import Final, cast, get_args

from candlefish.advise.statements import StatementKind
from candlefish.advise.workload.split import pieces

_EXPLAINABLE: Final = frozenset({*get_args(StatementKind), "with", "values", "table"})


OWN: Final = "/* candlefish */"
"""Stands in the advisor's own questions to the tables of users: pg_stat_statements counts them too."""

_TABLE_FOLLOWS: Final = frozenset({"from", "join", "update", "into", "only", ","})

_READS: Final = frozenset({"from", "table", "insert", "update", "merge"})


def normalise(text: str) -> str:
    """Return a text with `?` for each literal and parameter, and for each list of them."""
    words = []
    for kind, found in pieces(text):
        if kind in ("string", "number", "parameter"):
            words.append("?")
        elif kind == "word":
            words.append(found.lower())
        elif kind not in ("space", "comment"):
            words.append(found)
    return re.sub(r"\( \?(?: , \?)+ \)", "( ? )", " ".join(words))


def fingerprint(text: str) -> str:
    """Return 12 hexadecimal digits that are the same for the same statement with other literals."""
    return hashlib.blake2b(normalise(text).encode(), digest_size=6).hexdigest()


def kind_of(text: str) -> StatementKind | None:
    """Return what a statement does; None for one that has no plan (utility statements)."""
    words = [found.lower() for kind, found in pieces(text) if kind == "word"]
    first = words[0] if words else ""
    if first not in _EXPLAINABLE:
        return None
    if first in ("values", "table"):
        return "select"
    if first != "with":
        return cast(StatementKind, first)
    writes = (word for word in words if word in ("insert", "update", "delete", "merge"))
    return cast(StatementKind, next(writes, "select"))


def is_of_users(text: str) -> bool:
    """Tell whether a statement reads tables of users: drivers and monitors look at the catalog, and so do we."""
    words = [(kind, found.lower()) for kind, found in pieces(text) if kind != "space"]
    if ("comment", OWN) in words or not any(found in _READS for _, found in words):
        return False
    for at, (kind, _) in enumerate(words):
        if kind not in ("word", "quoted") or not at or words[at - 1][1] not in _TABLE_FOLLOWS:
            continue
        end = at + 3 if words[at + 1 : at + 2] == [("other", ".")] else at + 1
        is_call = words[end : end + 1] == [("other", "(")]
        names = [name.strip('"') for _, name in words[at:end]]
        if not is_call and any(name.startswith("pg_") or name in ("information_schema", "hypopg") for name in names):
            return False
    return True
