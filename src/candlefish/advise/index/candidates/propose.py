"""All kinds together: the candidates of one statement."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.candidates.compact import propose_brin, propose_hash
from candlefish.advise.index.candidates.contents import propose_contents
from candlefish.advise.index.candidates.covering import with_included
from candlefish.advise.index.candidates.ordered import propose_ordered
from candlefish.advise.index.candidates.partial import with_predicates
from candlefish.advise.index.candidates.patterns import propose_patterns
from candlefish.advise.index.definition import Index
from candlefish.advise.index.merging import covers
from candlefish.advise.plans.access import Access, Predicate

SMALL_PAGES_BYTES: Final = 10 * 8192
"""A table of so few pages is read faster than any index on it (10 pages: about one random page's cost in each)."""

MOST_OF_AN_ACCESS: Final = 400
"""Candidates for one table of one statement; reached by a dozen conditions, of which the first are the simple ones."""


def propose(accesses: Sequence[Access], catalog: Catalog, fixed: frozenset[str]) -> tuple[Index, ...]:
    """Return the indexes that could serve a statement, each once, the simple ones first.

    `fixed` holds the conditions that every run of the statement has: only they make a partial index.
    """
    found: dict[Index, None] = {}
    for access in accesses:
        facts = catalog.tables.get(access.table)
        if facts is not None and facts.size_bytes > SMALL_PAGES_BYTES and facts.kind != "foreign table":
            new = (one for one in _of_access(access, facts, catalog, fixed) if not is_there(one, facts))
            found |= dict.fromkeys(islice(new, MOST_OF_AN_ACCESS))
    return tuple(found)


def is_there(index: Index, facts: TableFacts) -> bool:
    """Tell whether a table has an index already, or one that begins with it."""
    return any(
        one.valid and (covers(one.index, index) or replace(one.index, unique=False, options=()) == index)
        for one in facts.indexes
    )


def _of_access(access: Access, facts: TableFacts, catalog: Catalog, fixed: frozenset[str]) -> Iterator[Index]:
    plain = tuple(dict.fromkeys(propose_ordered(access, facts)))
    patterns = tuple(propose_patterns(access, facts, catalog))
    constant = _fixed(access.predicates, fixed)
    yield from plain
    yield from patterns
    yield from propose_contents(access, facts)
    yield from propose_brin(access, facts)
    yield from propose_hash(access, facts)
    for index in (*plain, *patterns):
        yield from with_predicates(index, constant, facts)
    for branches in access.branches:
        for branch in branches:
            narrowed = replace(access, predicates=branch, branches=())
            for index in propose_ordered(narrowed, facts):
                yield from with_predicates(index, _fixed(branch, fixed), facts)
    for index in plain:
        yield from with_included(index, access, facts)
    for index in plain:
        for partial in with_predicates(index, constant, facts):
            yield from with_included(partial, access, facts)


def _fixed(predicates: tuple[Predicate, ...], fixed: frozenset[str]) -> tuple[Predicate, ...]:
    return tuple(one for one in predicates if one.text in fixed)
