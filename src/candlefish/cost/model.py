"""Prices and bills: data only. A snapshot has rows; a bill has lines, a line has charges, a charge has a row."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

HOURS_PER_MONTH = 730
"""8,760 hours of a year over twelve months: what AWS's own calculator counts with."""

PartName = Literal["database", "cache", "pooler", "network", "operations", "security", "delivery"]

PARTS: dict[PartName, str] = {
    "database": "PostgreSQL (RDS)",
    "cache": "Redis (ElastiCache)",
    "pooler": "PgBouncer (ECS Fargate)",
    "network": "Network",
    "operations": "CloudWatch",
    "security": "Secrets and keys",
    "delivery": "Images, application and delivery",
}
"""Each part of the bill with its heading, in the order of the bill."""


@dataclass(frozen=True, slots=True)
class Row:
    """One price: `tiers` are (from this quantity on, USD for a unit), one tier where the price does not fall.

    `source` says in words where it was read, `derived` by which rule it was computed where it was not read.
    """

    key: str
    service: str
    what: str
    unit: str
    region: str
    as_of: date
    source: str
    tiers: tuple[tuple[float, float], ...]
    derived: str = ""
    note: str = ""

    @property
    def price(self) -> float:
        """USD for a unit beyond what is free, at the smallest quantity."""
        return next((price for _, price in self.tiers if price), 0.0)

    @property
    def free(self) -> float:
        """The quantity that costs nothing."""
        return next((start for start, price in self.tiers if price), 0.0) if not self.tiers[0][1] else 0.0

    def usd(self, quantity: float) -> float:
        """Return what a quantity costs over all tiers."""
        ends = [start for start, _ in self.tiers[1:]] + [float("inf")]
        return sum(
            max(0.0, min(quantity, end) - start) * price for (start, price), end in zip(self.tiers, ends, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a year or three of commitment make of a row's hourly price, the upfront payment spread over the term."""

    key: str
    kind: Literal["reserved", "savings plan"]
    years: int
    payment: str
    effective_hourly: float
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The prices of one region as read on a day; `origin` says where this snapshot was loaded from."""

    region: str
    as_of: date
    rows: tuple[Row, ...]
    commitments: tuple[Commitment, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Quantity times price: `free` of the quantity costs nothing, `formula` says how the quantity came about."""

    quantity: float
    row: Row
    formula: str
    free: float = 0.0

    @property
    def usd(self) -> float:
        """What it costs in a month."""
        return self.row.usd(max(0.0, self.quantity - self.free))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: `id` is stable, `usage` names the [usage] key it depends on, if any, `assumption` why."""

    id: str
    part: PartName
    what: str
    charges: tuple[Charge, ...]
    usage: str = ""
    assumption: str = ""

    @property
    def usd(self) -> float:
        """What it costs in a month."""
        return sum(charge.usd for charge in self.charges)


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Something that AWS may bill and this bill leaves out, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A month of one estate."""

    name: str
    region: str
    snapshot: Snapshot
    lines: tuple[Line, ...]
    unpriced: tuple[Unpriced, ...]

    @property
    def total(self) -> float:
        """USD a month."""
        return sum(line.usd for line in self.lines)

    def line(self, line_id: str) -> Line | None:
        """Return a line by its id, None when this estate has none such."""
        return next((line for line in self.lines if line.id == line_id), None)

    def parts(self) -> tuple[tuple[PartName, tuple[Line, ...]], ...]:
        """Return the lines by part, parts without lines left out."""
        groups = ((part, tuple(line for line in self.lines if line.part == part)) for part in PARTS)
        return tuple((part, lines) for part, lines in groups if lines)
