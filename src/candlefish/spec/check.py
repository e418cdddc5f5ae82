"""Contradictions: values that are each possible and can't hold together."""

from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem


def find_contradictions(spec: Spec) -> tuple[Problem, ...]:
    """Return every contradiction between the fields of a spec."""
    return ()
