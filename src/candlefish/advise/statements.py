"""The workload as data: statements that can be run, how often they run, and what could not be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

StatementKind = Literal["select", "insert", "update", "delete", "merge"]


@dataclass(frozen=True, slots=True, order=True)
class Table:
    """A table by its names, as the catalog spells them (not quoted)."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the workload.

    `text` is as it was found, normalised (`$1`) or with its literals; `samples` are the same statement with literals in
    place, each as it can be run, the most typical first. `calls_per_hour` weighs it; `mean_ms` is what the server
    measured, None where nobody did. `search_path` is None where the database's own holds.
    """

    id: str
    text: str
    kind: StatementKind
    samples: tuple[str, ...]
    calls_per_hour: float
    mean_ms: float | None = None
    rows_per_call: float | None = None
    search_path: str | None = None
    role: str = ""
    """Whose row-level security is in its plans, "" for nobody's."""
    constants_seen: bool = False
    """Whether the samples' literals are those of real calls (a log, live sessions), not made from statistics."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement that was left out, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that the role may not have planned, and PostgreSQL's words: it has no samples, or untried ones."""

    statement: Statement
    reason: str


@dataclass(frozen=True, slots=True)
class Writes:
    """What is written to one table; `updated` counts the updates an hour that set each column to another value."""

    inserts_per_hour: float = 0.0
    updates_per_hour: float = 0.0
    deletes_per_hour: float = 0.0
    hot_ratio: float | None = None
    updated: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workload:
    """Statements, the heaviest first, with what is written to each table; `hours` is the time that was observed."""

    source: str
    hours: float
    statements: tuple[Statement, ...]
    skipped: tuple[Skipped, ...] = ()
    writes: Mapping[Table, Writes] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
