"""Partial indexes: where a constant that statements always ask for is rare in the table."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from candlefish.advise.catalog.model import Column, TableFacts
from candlefish.advise.index.candidates.keys import find_column
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.plans.access import Predicate
from candlefish.advise.plans.conditions import Comparison, Other, parse_condition, strip_brackets, strip_cast
from candlefish.advise.quoting import quote

RARE_RATIO: Final = 0.3
"""Share of rows up to which a partial index is worth its being good for one constant only."""

MOSTLY_NULL_RATIO: Final = 0.5
"""From this share of nulls on, an index that leaves them out is half as large at most."""

_UNKNOWN_RATIO: Final = 1.0


def with_predicates(index: Index, predicates: tuple[Predicate, ...], facts: TableFacts) -> Iterator[Index]:
    """Give an index again for the rows of one rare constant alone, and for those that are not null."""
    for one in predicates:
        column = find_column(one.expression, facts)
        if column is None or not one.constant or share_of(one, column) > RARE_RATIO:
            continue
        rest = tuple(key for key in index.keys if key.column != column.name)
        yield replace(index, keys=rest or _some_key(facts, column), where=_text(one, column))
    first = facts.columns.get(index.keys[0].column)
    if first is not None and first.null_ratio >= MOSTLY_NULL_RATIO and not _asks_for_null(predicates, first, facts):
        yield replace(index, where=f"{quote(first.name)} IS NOT NULL")


def share_of(predicate: Predicate, column: Column) -> float:
    """Return the share of rows for which a predicate holds, 1 where it is not known."""
    match predicate.operator:
        case "IS NULL":
            return column.null_ratio
        case "IS NOT NULL":
            return 1.0 - column.null_ratio
        case "=":
            return _share_of_value(_plain(predicate.value), column)
        case "<" | "<=" | ">" | ">=":
            return _share_of_range(predicate, column)
        case _:
            return _UNKNOWN_RATIO


def share_of_predicate(index: Index, facts: TableFacts) -> float:
    """Return the share of rows that an index's predicate takes, as this module writes predicates; 1 for none."""
    if not index.where:
        return 1.0
    condition = parse_condition(index.where)
    if isinstance(condition, Comparison):
        column = find_column(condition.left, facts)
        predicate = Predicate(condition.left, column.name if column else "", condition.operator, condition.right, True)
        return share_of(predicate, column) if column is not None else RARE_RATIO
    if isinstance(condition, Other):
        column = find_column(condition.text, facts)
        value = "false" if condition.negated else "true"
        return _share_of_value(value, column) if column is not None else RARE_RATIO
    return RARE_RATIO


def _share_of_value(value: str, column: Column) -> float:
    common: Mapping[str, float] = dict(column.common)
    value = {"true": "t", "false": "f"}.get(value, value) if column.base_type == "bool" else value
    if value in common:
        return common[value]
    return 1 / column.distinct if common and column.distinct and len(common) >= column.distinct else _UNKNOWN_RATIO


def _share_of_range(predicate: Predicate, column: Column) -> float:
    """Return the share of rows on one side of a number; not of a time, which moves on and leaves the index behind."""
    try:
        bound = float(_plain(predicate.value).strip("()"))
        common = sum(share for value, share in column.common if _holds(float(value), predicate.operator, bound))
        bounds = [float(value) for value in column.histogram]
    except ValueError:
        return _UNKNOWN_RATIO
    if not bounds and not column.common:
        return _UNKNOWN_RATIO
    inside = sum(_holds(value, predicate.operator, bound) for value in bounds) / max(len(bounds), 1)
    rest = 1.0 - column.null_ratio - sum(share for _, share in column.common)
    return common + inside * max(rest, 0.0)


def _holds(value: float, operator: str, bound: float) -> bool:
    return value > bound if operator in (">", ">=") else value < bound


def _plain(value: str) -> str:
    """Return what a literal says: `'it''s'::text` gives it's."""
    text = strip_cast(value)
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _text(predicate: Predicate, column: Column) -> str:
    """Return a predicate as WHERE of an index; a boolean column stands alone, as it is printed."""
    if column.base_type == "bool" and predicate.value in ("true", "false"):
        return ("" if predicate.value == "true" else "NOT ") + quote(column.name)
    return strip_brackets(predicate.text)


def _some_key(facts: TableFacts, but: Column) -> tuple[Key, ...]:
    """Return something to sort by where the predicate says it all: the primary key, as OFFSET and LIMIT want it."""
    names = [name for name in facts.primary_key if name != but.name]
    return tuple(Key(column=name) for name in names[:1]) or (Key(column=but.name),)


def _asks_for_null(predicates: tuple[Predicate, ...], column: Column, facts: TableFacts) -> bool:
    return any(one.operator == "IS NULL" and find_column(one.expression, facts) == column for one in predicates)
