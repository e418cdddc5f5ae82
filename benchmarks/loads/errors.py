"""The exceptions that reached an application, counted by kind, with one message of each."""

from collections import Counter
from dataclasses import dataclass, field

MESSAGE_CHARACTERS = 300


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
