"""One mistake in a spec, before it is known in which line it stands."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from candlefish.spec.locate import KeyPath

LIKENESS = 0.6
"""How alike two names must be to be proposed: difflib's own default."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a key; `others` are the keys that it contradicts."""

    key: KeyPath
    message: str
    others: tuple[KeyPath, ...] = ()


def closest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean X?" for the known name that looks most like this one, or an empty text."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=LIKENESS)
    return f"; did you mean {matches[0]}?" if matches else ""
