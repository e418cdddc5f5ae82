"""B-trees: equalities first, then a range or the sort keys, in the order in which a scan can use them."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.candidates.keys import EQUALITIES, RANGES, distinct_of, keys_of, make_key, sort_keys
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.plans.access import Access, Predicate
from candlefish.advise.plans.tokens import tokenize

MOST_KEYS: Final = 5
"""Keys of one index: what lies behind a fifth adds nearly nothing and makes every entry wider."""


def propose_ordered(access: Access, facts: TableFacts) -> Iterator[Index]:
    """Give the b-trees that serve an access."""
    for keys in _key_lists(access, access.predicates, facts):
        yield Index(facts.table, keys)
    for branches in access.branches:
        for branch in branches:
            for keys in _key_lists(access, branch, facts):
                yield Index(facts.table, keys)


def _key_lists(access: Access, predicates: tuple[Predicate, ...], facts: TableFacts) -> Iterator[tuple[Key, ...]]:
    constants = tuple(one for one in predicates if one.constant)
    fixed = sorted(keys_of(constants, EQUALITIES, facts), key=lambda key: -distinct_of(key, facts))
    joined = [key for key in keys_of(predicates, EQUALITIES, facts) if key not in fixed]
    ranges = [key for key in keys_of(predicates, RANGES, facts) if key not in fixed] + list(_rows(predicates, facts))
    orders = [sort_keys(order, facts, frozenset(fixed)) for order in (*access.orders, *access.groups)]
    heads = list(_heads(tuple(fixed), tuple(joined)))
    for head in heads:
        tails: list[tuple[Key, ...]] = [(), *((key,) for key in ranges), *orders]
        tails += [(first, second) for first in ranges for second in ranges if first != second]
        for tail in tails:
            keys = tuple(dict.fromkeys((*head, *(key for key in tail if key not in head))))
            if 0 < len(keys) <= MOST_KEYS:
                yield keys


def _heads(fixed: tuple[Key, ...], joined: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    """Give the ways to begin: nothing, the constants with each of them first, a join before and behind them."""
    yield ()
    for key in fixed:
        yield (key,)
    for at in range(len(fixed)):
        yield (*fixed[at:], *fixed[:at])
    for key in joined:
        yield (key,)
        if fixed:
            yield (*fixed, key)
            yield (key, *fixed)
    for first in joined:
        for second in joined:
            if first != second:
                yield (first, second)


def _rows(predicates: tuple[Predicate, ...], facts: TableFacts) -> Iterator[Key]:
    """Give the first column of a comparison of rows, `(a, b) > (1, 2)`: what keyset pagination asks."""
    for one in predicates:
        if one.operator in RANGES and one.expression.startswith("ROW("):
            for token in tokenize(one.expression)[2:]:
                key = make_key(token.text, facts) if token.kind in ("word", "quoted") else None
                if key is not None:
                    yield key
