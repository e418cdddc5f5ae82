"""Recommendations as a file of SQL that psql runs."""

from collections.abc import Sequence

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.space import space_words


def render_sql(recommendations: Sequence[Recommendation]) -> str:
    """Return the statements, each with its reason and the room it takes, and the way back as a comment."""
    lines = ["-- Run it with psql, not in a transaction: CREATE INDEX CONCURRENTLY refuses one."]
    for one in recommendations:
        space = space_words(one)
        lines += ["", f"-- {one.id}: {' '.join(one.reason.split())}", *([f"-- It {space}."] if space else [])]
        lines += [f"{step.statement};" for step in one.steps]
    undos = [one.undo for one in reversed(recommendations) if one.undo]
    lines += ["", "-- To take it back:", *(f"-- {undo};" for undo in undos)] if undos else []
    return "\n".join(lines) + "\n"
