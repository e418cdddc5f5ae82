"""Predicates and sort keys as keys of an index."""

from typing import Final

from candlefish.advise.catalog.model import Column, TableFacts
from candlefish.advise.index.definition import Key
from candlefish.advise.plans.access import Predicate, SortKey, column_of
from candlefish.advise.plans.conditions import strip_cast
from candlefish.advise.plans.tokens import tokenize, unquote

EQUALITIES: Final = frozenset({"=", "= ANY", "IS NULL"})
RANGES: Final = frozenset({"<", "<=", ">", ">="})

_COERCED: Final = {("varchar", "text"), ("cidr", "inet")}
"""Casts that change nothing (binary coercible, pg_cast.castmethod = 'b'): the index on the column itself serves."""

_NOT_IN_AN_INDEX: Final = frozenset({"sum", "count", "avg", "min", "max", "array_agg", "string_agg", "row_number"})
"""Aggregates and window functions, by which a plan may sort: no index can hold them."""

_RANDOM: Final = frozenset({"now", "clock_timestamp", "random", "SubPlan", "InitPlan", "GROUPING", "hashed"})
"""What makes an expression another one each time, or is none of the table's."""


def find_column(expression: str, facts: TableFacts) -> Column | None:
    """Return the column that an expression is, casts that change nothing taken away."""
    column = facts.columns.get(column_of(expression))
    if column is not None:
        return column
    inner = facts.columns.get(column_of(strip_cast(expression)))
    if inner is None:
        return None
    target = expression.rsplit("::", 1)[-1].strip()
    is_same = (inner.base_type, target) in _COERCED or (inner.base_type == target and inner.type != target)
    return inner if is_same else None


def make_key(expression: str, facts: TableFacts) -> Key | None:
    """Return the key for an expression; None where no index can have it."""
    column = find_column(expression, facts)
    if column is not None:
        return Key(column=column.name)
    words = {unquote(token.text) for token in tokenize(expression) if token.kind in ("word", "quoted")}
    if not words & set(facts.columns) or words & (_NOT_IN_AN_INDEX | _RANDOM) or expression.startswith("ROW("):
        return None
    return Key(expression=expression)


def keys_of(predicates: tuple[Predicate, ...], operators: frozenset[str], facts: TableFacts) -> tuple[Key, ...]:
    """Return the keys of the predicates with some operators, each once."""
    found = (make_key(one.expression, facts) for one in predicates if one.operator in operators)
    return tuple(dict.fromkeys(key for key in found if key is not None and is_sortable(key, facts)))


def sort_keys(order: tuple[SortKey, ...], facts: TableFacts, fixed: frozenset[Key]) -> tuple[Key, ...]:
    """Return the keys of a sort without those that are fixed by an equality; () where no index can have one of them.

    A b-tree is read backwards as well, so the first key is written ascending.
    """
    keys: list[Key] = []
    for one in order:
        plain = make_key(one.expression, facts)
        if plain is None or not is_sortable(plain, facts):
            return ()
        if plain not in fixed:
            keys.append(Key(plain.column, plain.expression, "", "", one.descending, one.nulls_first))
    if keys and keys[0].descending:
        keys = [Key(k.column, k.expression, "", "", not k.descending, not k.nulls_first) for k in keys]
    return tuple(_plain_nulls(key, facts) for key in keys)


def distinct_of(key: Key, facts: TableFacts) -> float:
    """Return how many values a key has, as far as that is known; a tenth of the rows for an expression."""
    column = facts.columns.get(key.column)
    return column.distinct if column is not None and column.distinct else facts.rows / 10


def is_sortable(key: Key, facts: TableFacts) -> bool:
    """Tell whether a b-tree takes a key: not jsonb documents, and nothing without an order."""
    column = facts.columns.get(key.column)
    return column is None or column.base_type not in _UNSORTABLE


def _plain_nulls(key: Key, facts: TableFacts) -> Key:
    """Leave the place of nulls to its default where it is the default, or there are none."""
    column = facts.columns.get(key.column)
    is_default = key.nulls_first == key.descending or (column is not None and column.not_null)
    return Key(key.column, key.expression, "", "", key.descending, None if is_default else key.nulls_first)


_UNSORTABLE: Final = frozenset({"json", "xml", "point", "box", "polygon", "circle", "line", "lseg", "path", "jsonb"})
"""Types without a b-tree class, and jsonb, whose order nobody asks for."""
