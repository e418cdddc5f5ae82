"""What `candlefish advise` returns: recommendations with their proof, what was withheld, what was left out."""

from dataclasses import dataclass, field
from typing import Literal

from candlefish.advise.statements import Skipped, Table
from candlefish.results import Finding

RecommendationKind = Literal["create index", "drop index", "reindex"]
"""Partitions, materialized views, rewrites and settings take their place here when they come."""

Confidence = Literal["high", "medium", "low"]
"""high: measured on a full copy; medium: measured on a sample, or a what-if with a real size; low: estimated."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a recommendation does to one statement: medians of interleaved runs, or the planner's cost where none ran.

    Buffers are pages touched (hit and read) by one run. `spread` is the interquartile range over the median, before
    and after.
    """

    statement_id: str
    text: str
    calls_per_hour: float
    before_cost: float
    after_cost: float
    before_ms: float | None = None
    after_ms: float | None = None
    before_buffers: int | None = None
    after_buffers: int | None = None
    before_plan: str = ""
    after_plan: str = ""
    runs: int = 0
    spread: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class WritePrice:
    """What an index costs those who write: per row, and an hour of this workload.

    `hot_ratio_*` are shares of updates that touch no index (None: the table is not updated). `measured` False: from
    the size of an entry.
    """

    wal_bytes_per_insert: float = 0.0
    wal_factor_insert: float = 1.0
    wal_factor_update: float = 1.0
    hot_ratio_before: float | None = None
    hot_ratio_after: float | None = None
    ms_per_hour: float = 0.0
    wal_bytes_per_hour: float = 0.0
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of several; `index` is the schema and name of the index that it makes or drops."""

    statement: str
    index: tuple[str, str] = ("", "")

    @property
    def makes_index(self) -> bool:
        """Tell whether there is an index after it that was not there before."""
        return bool(self.index[1]) and self.statement.startswith("CREATE ")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change of the database: `statement` makes it, `undo` takes it back.

    `before_ms` and `after_ms` are what all its statements take an hour (calls times median), None where nothing ran.
    `size_bytes` is negative for an index that goes.
    """

    id: str
    kind: RecommendationKind
    table: Table
    name: str
    statement: str
    undo: str
    reason: str
    size_bytes: int
    before_ms: float | None
    after_ms: float | None
    measured: bool
    confidence: Confidence
    write_price: WritePrice | None
    build_s: float | None = None
    effects: tuple[Effect, ...] = ()
    steps: tuple[Step, ...] = ()
    """The same as `statement`, one by one: on a partitioned table there are several."""

    @property
    def saved_ms_per_hour(self) -> float:
        """Return what it saves in an hour of the workload, its price on writes taken off; 0 where nothing ran."""
        if self.before_ms is None or self.after_ms is None:
            return 0.0
        return self.before_ms - self.after_ms - (self.write_price.ms_per_hour if self.write_price else 0.0)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A candidate that looked good and is not advised."""

    statement: str
    reason: str
    effects: tuple[Effect, ...] = ()
    write_price: WritePrice | None = None


@dataclass(frozen=True, slots=True)
class Regression:
    """A statement that the advice as a whole makes slower, by measurement."""

    statement_id: str
    text: str
    before_ms: float
    after_ms: float


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole answer. `before_ms` and `after_ms` are an hour of the whole workload, without and with all of it."""

    database: str
    server_version: str
    source: str
    statements: int
    recommendations: tuple[Recommendation, ...]
    withheld: tuple[Withheld, ...] = ()
    findings: tuple[Finding, ...] = ()
    regressions: tuple[Regression, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    left_out: tuple[str, ...] = ()
    """What could not be looked at or measured, each with its reason and what would allow it."""
    before_cost: float = 0.0
    after_cost: float = 0.0
    before_ms: float | None = None
    after_ms: float | None = None
    seconds: float = 0.0
    lab: str = ""
    """Where it was measured: "full copy", "sample of 10 %", "given copy"; "" for nowhere."""
    lab_version: str = ""
    """The PostgreSQL version that measured, "" for none."""
    counts: dict[str, int] = field(default_factory=dict)
    """How much work it was: candidates, what-if questions, builds, runs."""
