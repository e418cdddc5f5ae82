"""What a unit of a statement's cost weighs in the search: milliseconds an hour."""

from typing import Final

from candlefish.advise.statements import Statement

MS_PER_COST: Final = 0.004
"""Milliseconds for a unit of the planner's cost where nobody measured the statement: TPC-H's Q6 costs 24,800 and takes
about 100 ms with its table in memory. It only weighs reads against writes."""


def weigh(statement: Statement, cost: float) -> float:
    """Return milliseconds an hour for a unit of cost: calls times what was measured, spread over the planner's cost."""
    if statement.mean_ms is not None and cost > 0:
        return statement.calls_per_hour * statement.mean_ms / cost
    return statement.calls_per_hour * MS_PER_COST
