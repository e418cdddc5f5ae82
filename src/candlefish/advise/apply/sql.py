"""Recommendations as a file of SQL that psql runs."""

from collections.abc import Sequence

from candlefish.advise.advice import Recommendation


def render_sql(recommendations: Sequence[Recommendation]) -> str:
    """Return the statements, each with its reason before it, and how to take all of them back as a comment."""
    lines = ["-- Run it with psql, not in a transaction: CREATE INDEX CONCURRENTLY refuses one."]
    for one in recommendations:
        lines += ["", f"-- {one.id}: {one.reason}", *(f"{step.statement};" for step in one.steps)]
    undos = [one.undo for one in reversed(recommendations) if one.undo]
    lines += ["", "-- To take it back:", *(f"-- {undo};" for undo in undos)] if undos else []
    return "\n".join(lines) + "\n"
