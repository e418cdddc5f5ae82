"""What can be reserved, what that saves, and what no price was found for: nothing here is guessed."""

from dataclasses import dataclass
from math import log2

from candlefish.cost.model import Bill, Charge, Commitment, Line

RESERVABLE = ("rds.primary", "rds.replicas", "cache.nodes")
"""Lines that reserved instances and reserved nodes exist for (AWS, "Reserved DB instances", "Reserved nodes")."""

COMPUTE_PLAN = ("pooler.tasks", "application.tasks")
"""Lines that a Compute Savings Plan covers: Fargate by the hour (AWS, "Compute Savings Plans")."""

PLAN_GENERATION = 7
"""A Database Savings Plan covers RDS instances of this generation and later, and of ElastiCache Valkey alone (AWS,
announcement of 2 December 2025; one year, no upfront)."""

UNITS = {
    "micro": 0.5, "small": 1, "medium": 2, "large": 4, "xlarge": 8, "2xlarge": 16, "4xlarge": 32, "8xlarge": 64,
    "12xlarge": 96, "16xlarge": 128,
}  # fmt: skip
"""Normalised units of a size: a reservation serves all sizes of its family in this ratio (AWS, "Size-flexible reserved
DB instances"; ElastiCache the same since 2024). A Multi-AZ instance counts double."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to commit: USD a month for the whole line, and what that saves."""

    years: int
    payment: str
    usd: float
    saves: float
    commitment: Commitment
    derived: str


@dataclass(frozen=True, slots=True)
class Saving:
    """A line that can be committed to: by which means, the offers found, and what stands against others."""

    line_id: str
    what: str
    usd: float
    means: str
    offers: tuple[Offer, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Savings:
    """All of them; `reservable` is what reserved instances and nodes may cover."""

    lines: tuple[Saving, ...]
    reservable: float
    total: float

    @property
    def ratio(self) -> float:
        """The reservable part of the bill, from 0 to 1."""
        return self.reservable / self.total if self.total else 0.0

    def needed_discount(self, ratio: float) -> float:
        """Return the discount that all reservable lines would need, to take this part off the whole bill."""
        return ratio / self.ratio if self.ratio else float("inf")


def find_savings(bill: Bill) -> Savings:
    """Return what of a bill can be committed to."""
    reserved = [_reserved(bill, line) for line in bill.lines if line.id in RESERVABLE]
    plans = [_plan(line) for line in bill.lines if line.id in COMPUTE_PLAN]
    return Savings((*reserved, *plans), sum(saving.usd for saving in reserved), bill.total)


def _reserved(bill: Bill, line: Line) -> Saving:
    (charge,) = line.charges
    offers = _nearest(charge, bill.snapshot.commitments)
    means = "reserved nodes" if line.id == "cache.nodes" else "reserved instances"
    return Saving(line.id, line.what, line.usd, means, offers, _plan_note(charge.row.key))


def _nearest(charge: Charge, commitments: tuple[Commitment, ...]) -> tuple[Offer, ...]:
    """Return one offer for each term and payment: that of the same class, else of the size that is nearest to it."""
    chosen: dict[tuple[int, str], tuple[float, Commitment]] = {}
    for commitment in commitments:
        factor = size_factor(commitment.key, charge.row.key)
        term = (commitment.years, commitment.payment)
        if factor and (term not in chosen or abs(log2(factor)) < abs(log2(chosen[term][0]))):
            chosen[term] = (factor, commitment)
    return tuple(_offer(charge, commitment, factor) for _, (factor, commitment) in sorted(chosen.items()))


def _offer(charge: Charge, commitment: Commitment, factor: float) -> Offer:
    usd = charge.quantity * commitment.effective_hourly * factor
    derived = "" if factor == 1 else f"{factor:g} x {commitment.key.split('.', 2)[2]}, by normalised units"
    return Offer(commitment.years, commitment.payment, usd, charge.usd - usd, commitment, derived)


def size_factor(offered: str, wanted: str) -> float:
    """Return how many times a row's reservation another row needs, 0 where it can't serve it: 1 for the same row."""
    if offered == wanted:
        return 1.0
    (family, size, zones), (other, other_size, other_zones) = _taken_apart(offered), _taken_apart(wanted)
    if family != other or size not in UNITS or other_size not in UNITS:
        return 0.0
    double = {"multi": 2, "single": 1, "": 1}
    return (UNITS[other_size] * double[other_zones]) / (UNITS[size] * double[zones])


def _taken_apart(key: str) -> tuple[str, str, str]:
    """Split rds.postgres.db.r6g.large.multi into family, size and zones; a cache has no zones."""
    words = key.split(".")
    zones = words.pop() if words[-1] in ("multi", "single") else ""
    return ".".join(words[:-1]), words[-1], zones


def _plan_note(key: str) -> str:
    if key.startswith("elasticache.redis"):
        return "a Database Savings Plan covers Valkey alone, not Redis OSS"
    if key.startswith("elasticache.valkey"):
        return "a Database Savings Plan covers it too: no price found"
    family = key.split(".")[3]
    generation = int(next((c for c in family if c.isdigit()), "0"))
    if generation < PLAN_GENERATION:
        return f"a Database Savings Plan covers generation {PLAN_GENERATION} and later, not {family}"
    return "a Database Savings Plan covers it too: no price found"


def _plan(line: Line) -> Saving:
    return Saving(line.id, line.what, line.usd, "Compute Savings Plan", (), "")
