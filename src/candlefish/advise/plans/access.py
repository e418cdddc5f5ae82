"""How a statement reads one table: what it asks of it, in which order, and which columns it needs."""

from dataclasses import dataclass
from typing import Final

from candlefish.advise.plans.conditions import Comparison, references, strip_brackets, without_alias
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.statements import Table

_COMMUTED: Final = {
    "=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=", "<>": "<>", "&&": "&&", "@>": "<@", "<@": "@>",
}  # fmt: skip
"""What an operator becomes when its sides change places."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A comparison of a column or expression of one table, as an index on that table would write it.

    `constant` is False where the other side comes from another table. `column` is "" for an expression.
    """

    expression: str
    column: str
    operator: str
    value: str
    constant: bool

    @property
    def text(self) -> str:
        """Return it as a condition on its table."""
        return " ".join(word for word in (_operand(self.expression), self.operator, self.value) if word)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of a sort or group on a column or expression of one table."""

    expression: str
    column: str
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """One table in one statement.

    `branches` are the conditions of each OR, by branch. `order` holds the sort keys as far as they are of this table,
    `ordered` tells whether they are all there are. `needed` names the columns that are read, None where the row is.
    """

    table: Table
    alias: str
    predicates: tuple[Predicate, ...]
    branches: tuple[tuple[tuple[Predicate, ...], ...], ...]
    orders: tuple[tuple[SortKey, ...], ...]
    groups: tuple[tuple[SortKey, ...], ...]
    needed: frozenset[str] | None
    limited: bool
    is_target: bool


def make_predicate(comparison: Comparison, alias: str) -> Predicate | None:
    """Return a comparison as one of a table's, None where no side is that table's alone."""
    for left, operator, right in (
        (comparison.left, comparison.operator, comparison.right),
        (comparison.right, _COMMUTED.get(comparison.operator, ""), comparison.left),
    ):
        aliases = {name for name, _ in references(left)}
        others = {name for name, _ in references(right)}
        if operator and aliases == {alias} and alias not in others:
            expression = strip_brackets(without_alias(left, alias))
            return Predicate(
                expression, column_of(expression), operator, right, constant=not others and not _waits(right)
            )
    return None


def column_of(expression: str) -> str:
    """Return the column that an expression is, "" for any other."""
    tokens = tokenize(expression)
    return unquote(tokens[0].text) if len(tokens) == 1 and tokens[0].kind in ("word", "quoted") else ""


def make_sort_key(text: str, alias: str) -> SortKey | None:
    """Return a sort key of a plan ("t.at DESC NULLS LAST"), None where it is not of one table's columns alone."""
    words = text.split(" ")
    descending, nulls = False, None
    if words[-2:-1] == ["NULLS"] and words[-1] in ("FIRST", "LAST"):
        nulls = words[-1] == "FIRST"
        words = words[:-2]
    if words[-1] in ("DESC", "ASC"):
        descending = words.pop() == "DESC"
    expression = " ".join(words)
    if {name for name, _ in references(expression)} != {alias}:
        return None
    plain = strip_brackets(without_alias(expression, alias))
    return SortKey(plain, column_of(plain), descending, descending if nulls is None else nulls)


def _waits(value: str) -> bool:
    """Tell whether a value is known only when the statement runs: a parameter, a subplan."""
    return any(token.kind == "parameter" or token.text in ("SubPlan", "InitPlan") for token in tokenize(value))


def _operand(expression: str) -> str:
    return expression if column_of(expression) else f"({expression})"
