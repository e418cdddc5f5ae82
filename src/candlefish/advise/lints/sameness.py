"""When one index does all that another one does."""

import re
from dataclasses import replace
from typing import Final

from candlefish.advise.index.definition import ExistingIndex, Index, Key

_NULLS_EQUAL: Final = re.compile(r"\) NULLS NOT DISTINCT(?= WITH \(| WHERE |$)")


def is_same(one: ExistingIndex, other: ExistingIndex) -> bool:
    """Tell whether two indexes hold the same entries in the same order; what they enforce is not looked at."""
    if _shape(one.index) != _shape(other.index):
        return False
    enforced = one.index.unique and other.index.unique
    return not enforced or treats_nulls_as_equal(one) == treats_nulls_as_equal(other)


def includes(wide: Index, narrow: Index) -> bool:
    """Tell whether a b-tree's keys begin with those of another one, forward or backward, for the same rows."""
    if (wide.table, wide.where, wide.method, narrow.method) != (narrow.table, narrow.where, "btree", "btree"):
        return False
    first = wide.keys[: len(narrow.keys)]
    if first != narrow.keys and first != tuple(map(_reversed, narrow.keys)):
        return False
    return set(narrow.include) <= {*wide.columns, *wide.include}


def treats_nulls_as_equal(existing: ExistingIndex) -> bool:
    """Tell whether a unique index says NULLS NOT DISTINCT (from PostgreSQL 15)."""
    return _NULLS_EQUAL.search(existing.text) is not None


def _shape(index: Index) -> tuple[object, ...]:
    """Return what makes two indexes the same; storage options matter for others than b-trees (pages_per_range)."""
    options = () if index.method == "btree" else index.options
    return index.table, index.method, index.keys, frozenset(index.include), index.where, options


def _reversed(key: Key) -> Key:
    """Return a key read backward: the other direction, with the nulls at the other end."""
    nulls_first = None if key.nulls_first is None else not key.nulls_first
    return replace(key, descending=not key.descending, nulls_first=nulls_first)
