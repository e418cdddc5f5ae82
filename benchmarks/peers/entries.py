"""Who takes part: a library in one of its settings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of each cell; `options` are handed to the opening functions of the module in `peers`."""

    library: str
    setting: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    baseline: bool = False
    """Whether the fastest of these, without an error, is what all others are compared with."""
    threads: bool = False
    """Whether the library blocks, so that its tasks are threads."""
    form: str = ""
    """Libraries that find each other's values share a database; "": a database of its own."""

    @property
    def label(self) -> str:
        """Return how the row is told from all others."""
        return f"{self.library} {self.setting}".strip()


def databases(entries: tuple[Entry, ...]) -> dict[str, int]:
    """Number the databases, by the label of each entry."""
    forms = list(dict.fromkeys(entry.form or entry.label for entry in entries))
    return {entry.label: forms.index(entry.form or entry.label) for entry in entries}


def fillers(entries: tuple[Entry, ...], chosen: Iterable[Entry]) -> list[Entry]:
    """Return who fills the databases of the chosen: of those that share one, the first knows how."""
    database = databases(entries)
    wanted = {database[entry.label] for entry in chosen}
    first = {database[entry.label]: entry for entry in reversed(entries)}
    return [first[number] for number in sorted(wanted)]
