"""Expressions as the configuration in a plan has them: a constant, references, or blocks of more of them."""

from collections.abc import Iterator, Mapping
from typing import Any


def references(expression: Any) -> tuple[str, ...]:
    """Return all that an expression, or a block of expressions, refers to."""
    return tuple(dict.fromkeys(_references(expression)))


def _references(expression: Any) -> Iterator[str]:
    if isinstance(expression, Mapping):
        yield from expression.get("references", ())
        for name, inner in expression.items():
            if name not in ("references", "constant_value"):
                yield from _references(inner)
    elif isinstance(expression, list):
        for inner in expression:
            yield from _references(inner)


def constant(expression: Any) -> Any:
    """Return the constant value of an expression, or None."""
    return expression.get("constant_value") if isinstance(expression, Mapping) else None
