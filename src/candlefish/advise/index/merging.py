"""Two indexes in one: for statements of which each could do with a part of it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations

from candlefish.advise.index.candidates.covering import MOST_INCLUDED
from candlefish.advise.index.candidates.ordered import MOST_KEYS
from candlefish.advise.index.definition import Index


def merged(indexes: Iterable[Index]) -> tuple[Index, ...]:
    """Return the indexes that pairs of b-trees of the same rows make, those that are there already left out."""
    known = [index for index in indexes if index.method == "btree"]
    found = dict.fromkeys(one for first, second in permutations(known, 2) for one in _merge(first, second))
    return tuple(index for index in found if index not in known)


def covers(wide: Index, narrow: Index) -> bool:
    """Tell whether a b-tree serves every statement that another one serves: the same keys first, the same rows."""
    same_rows = (wide.table, wide.where, wide.method, "btree") == (narrow.table, narrow.where, narrow.method, "btree")
    if not same_rows or narrow.unique or wide.keys[: len(narrow.keys)] != narrow.keys:
        return False
    return set(narrow.include) <= {*wide.columns, *wide.include}


def _merge(first: Index, second: Index) -> Iterator[Index]:
    if (first.table, first.where) != (second.table, second.where) or first.keys[0] != second.keys[0]:
        return
    keys = tuple(dict.fromkeys((*first.keys, *(second.keys if _is_prefix(first, second) else ()))))
    in_keys = {key.column for key in keys}
    include = {*first.include, *second.include, *second.columns} - in_keys
    if len(keys) <= MOST_KEYS and len(include) <= MOST_INCLUDED and all(key.column for key in second.keys):
        yield replace(first, keys=keys, include=tuple(sorted(include)))


def _is_prefix(first: Index, second: Index) -> bool:
    return second.keys[: len(first.keys)] == first.keys
