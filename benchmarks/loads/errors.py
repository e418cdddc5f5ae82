"""The exceptions that reached an application, counted by kind, with one message of each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

MESSAGE_CHARACTERS = 300

IN_A_TRANSACTION = "in_a_transaction"
"""How those who open a transaction themselves are named."""


def is_promised(kind: str) -> bool:
    """Tell whether the documentation promises an error to whoever met it when the primary was lost.

    A write that was under way then may have been carried out; an open transaction is gone, certainly without a trace,
    and only its owner can begin it anew.
    """
    return kind.startswith("WriteUnknown") or (kind.startswith("Unavailable") and kind.endswith(IN_A_TRANSACTION))


def count_unpromised(kinds: Mapping[str, int]) -> int:
    """Count the errors that the documentation does not promise."""
    return sum(count for kind, count in kinds.items() if not is_promised(kind))


@dataclass(slots=True)
class Errors:
    """What came: the class, the SQLSTATE where there is one, and who met it."""

    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, error: Exception, who: str = "") -> None:
        """Count one."""
        words = (type(error).__name__, str(getattr(error, "sqlstate", "")), f"of {who}" if who else "")
        kind = " ".join(word for word in words if word)
        self.kinds[kind] += 1
        self.examples.setdefault(kind, " ".join(str(error).split())[:MESSAGE_CHARACTERS])

    @property
    def total(self) -> int:
        """Return how many came."""
        return self.kinds.total()
