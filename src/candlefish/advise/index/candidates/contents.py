"""What is looked for inside a value: GIN for JSONB, arrays and full text, GiST for ranges, addresses and shapes."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.candidates.keys import find_column, make_key
from candlefish.advise.index.definition import Index, Key, Method
from candlefish.advise.plans.access import Access, Predicate

_JSONB_PATHS: Final = frozenset({"@>", "@?", "@@"})
"""What jsonb_path_ops knows; its index is the smaller and the faster one."""

_JSONB_KEYS: Final = frozenset({"?", "?|", "?&"})
_ARRAYS: Final = frozenset({"&&", "@>", "<@"})
_RANGES: Final = frozenset({"&&", "@>", "<@", "<<", ">>", "-|-", "&<", "&>"})
_ADDRESSES: Final = frozenset({"<<", "<<=", ">>", ">>=", "&&"})
_SHAPES: Final = frozenset({"point", "box", "polygon", "circle", "geometry", "geography"})
_TEXTS: Final = frozenset({"@@", "@@@"})
_PLACES: Final = frozenset({"<->", "~=", "|>>", "<<|"})
_ADDRESS_TYPES: Final = frozenset({"inet", "cidr"})


def propose_contents(access: Access, facts: TableFacts) -> Iterator[Index]:
    """Give the GIN and GiST indexes that serve an access."""
    for one in access.predicates:
        found = _method(one.operator, type_of(one, facts))
        key = make_key(one.expression, facts) if found else None
        if found and key is not None:
            method, opclass = found
            yield Index(facts.table, (Key(key.column, key.expression, opclass=opclass),), method=method)


def type_of(predicate: Predicate, facts: TableFacts) -> str:
    """Return the base type of what is compared; that of an expression from the literal beside it."""
    column = find_column(predicate.expression, facts)
    if column is not None:
        return column.base_type
    cast = predicate.value.rsplit("::", 1)[-1].strip() if "::" in predicate.value else ""
    if cast == "tsquery" or (predicate.operator == "@@" and predicate.value.rstrip().endswith(")")):
        return "tsvector"
    return f"_{cast[:-2]}" if cast.endswith("[]") else cast


def _method(operator: str, type: str) -> tuple[Method, str] | None:
    """Return access method and operator class for an operator on a type, None where there is none."""
    families: tuple[tuple[bool, frozenset[str], Method, str], ...] = (
        (type == "jsonb", _JSONB_PATHS, "gin", "jsonb_path_ops"),
        (type == "jsonb", _JSONB_KEYS, "gin", ""),
        (type == "tsvector", _TEXTS, "gin", ""),
        (type.startswith("_"), _ARRAYS, "gin", ""),
        (type.endswith("range"), _RANGES, "gist", ""),
        (type in _ADDRESS_TYPES, _ADDRESSES, "gist", "inet_ops"),
        (type in _SHAPES, _RANGES | _PLACES, "gist", ""),
    )
    return next(((method, opclass) for fits, known, method, opclass in families if fits and operator in known), None)
