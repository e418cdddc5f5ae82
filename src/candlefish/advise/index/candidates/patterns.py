"""LIKE, ILIKE and regular expressions: a b-tree by characters for a known beginning, trigrams for the rest."""

import re
from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.candidates.keys import EQUALITIES, find_column, keys_of, make_key
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.extension import TRIGRAMS
from candlefish.advise.plans.access import Access, Predicate
from candlefish.advise.plans.conditions import strip_cast

_PATTERN_CLASSES: Final = {"varchar": "varchar_pattern_ops", "bpchar": "bpchar_pattern_ops"}
"""By the column's type; text_pattern_ops for text and every expression."""

_BY_PREFIX: Final = frozenset({"~~", "^@"})

_BY_TRIGRAM: Final = frozenset({"~~", "~~*", "~", "~*"})

LEAST_TRIGRAM: Final = 3
"""Characters in a row that a pattern must have: without a whole trigram the index is read from end to end."""


def propose_patterns(access: Access, facts: TableFacts, catalog: Catalog) -> Iterator[Index]:
    """Give the indexes that find a pattern."""
    for one in access.predicates:
        key = make_key(one.expression, facts) if one.operator in _BY_PREFIX | _BY_TRIGRAM else None
        if key is None:
            continue
        if one.operator in _BY_PREFIX and has_known_beginning(one):
            last = Key(key.column, key.expression, opclass=_pattern_class(one, facts, catalog))
            yield Index(facts.table, (last,))
            equal = keys_of(tuple(other for other in access.predicates if other.constant), EQUALITIES, facts)
            if equal:
                yield Index(facts.table, (*equal[:2], last))
        elif (
            one.operator in _BY_TRIGRAM
            and has_trigram(one)
            and TRIGRAMS in catalog.available_extensions | catalog.extensions
        ):
            yield Index(facts.table, (Key(key.column, key.expression, opclass="gin_trgm_ops"),), method="gin")


def wants_trigrams(access: Access) -> bool:
    """Tell whether an access could use pg_trgm, which may not be installed."""
    return any(
        one.operator in _BY_TRIGRAM and has_trigram(one) and not (one.operator == "~~" and has_known_beginning(one))
        for one in access.predicates
    )


def has_known_beginning(predicate: Predicate) -> bool:
    """Tell whether a pattern begins with a plain character."""
    pattern = _literal(predicate.value)
    return predicate.operator == "^@" or pattern[:1] not in ("", "%", "_")


def has_trigram(predicate: Predicate) -> bool:
    """Tell whether a pattern has so many plain characters in a row that a trigram is known."""
    pieces = re.split(r"[%_.*+?\[\](){}|^$\\]", _literal(predicate.value))
    return any(len(piece) >= LEAST_TRIGRAM for piece in pieces)


def _pattern_class(one: Predicate, facts: TableFacts, catalog: Catalog) -> str:
    """Return the operator class that sorts by characters, "" where the collation does so already."""
    column = find_column(one.expression, facts)
    collation = column.collation if column is not None else ""
    if collation in ("C", "POSIX") or (not collation and catalog.collation_is_c):
        return ""
    return _PATTERN_CLASSES.get(column.base_type if column is not None else "", "text_pattern_ops")


def _literal(value: str) -> str:
    text = strip_cast(value)
    return text[1:-1].replace("''", "'") if text.startswith("'") else ""
