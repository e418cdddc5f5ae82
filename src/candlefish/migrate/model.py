"""What a load reports: what came, what was left out on purpose, what could not be taken."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

SourceKind = Literal["plain", "custom", "directory", "tar", "server"]

KEPT_FAILURES = 500
"""Failures kept with their text: past these a list helps nobody, and `failed` still counts them all."""


class Progress(Protocol):
    """Who is told how far a load has come."""

    def phase(self, text: str, total: int = 0) -> None:
        """Begin a phase; `total` is what `advance` counts up to, 0 when that is not known."""

    def advance(self, done: int) -> None:
        """Say how much of the phase is done."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """One thing of the source that the new database lacks, and why; `line` only where a script has lines."""

    what: Literal["statement", "data", "extension", "psql command"]
    subject: str
    reason: str
    line: int | None = None
    hint: str = ""


@dataclass(slots=True)
class Outcome:
    """What happened while a source ran into a database."""

    failures: list[NotTaken] = field(default_factory=list)
    failed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fail(self, failure: NotTaken) -> None:
        """Note one thing that could not be taken."""
        self.failed += 1
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append(failure)

    def leave_out(self, what: str) -> None:
        """Count one thing that a load never takes, by its kind."""
        self.left_out[what] = self.left_out.get(what, 0) + 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds, extensions' own objects not counted; `rows` is estimated unless `rows_exact`."""

    tables: int
    partitions: int
    rows: int
    rows_exact: bool
    indexes: int
    views: int
    materialized_views: int
    sequences: int
    functions: int
    triggers: int
    large_objects: int
    extensions: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One finished load. `replicas` had replayed all of it when it ended; `installed` is False when the new
    database was thrown away because it was incomplete and would have replaced another one.
    """

    database: str
    source: str
    kind: SourceKind
    contents: Contents
    seconds: float
    replicas: int
    installed: bool
    replaced: bool
    left_out: dict[str, int]
    failed: int
    not_taken: tuple[NotTaken, ...]
    notes: tuple[str, ...]
