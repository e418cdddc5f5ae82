"""Another estimate beside our bill: its lines, and ours that stand for the same."""

from dataclasses import dataclass

from candlefish.cost.bill import LINE_IDS
from candlefish.cost.model import Bill, Line
from candlefish.errors import UsageError, closest
from candlefish.spec.model_aws import CompareLine, CompareSpec


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of theirs and what ours that stands for it costs; `ours` is None where nothing of ours does."""

    name: str
    theirs: float
    ours: float | None
    lines: tuple[Line, ...]
    note: str

    @property
    def difference(self) -> float:
        """Ours less theirs, in USD."""
        return (self.ours or 0.0) - self.theirs


@dataclass(frozen=True, slots=True)
class Comparison:
    """Their whole estimate beside ours; `unmatched` are lines of ours that no line of theirs stands for."""

    name: str
    source: str
    pairs: tuple[Pair, ...]
    unmatched: tuple[Line, ...]
    theirs: float
    ours: float

    @property
    def matched(self) -> float:
        """What our lines cost that theirs stand for: like for like."""
        return sum(pair.ours or 0.0 for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """Ours against theirs: below 1 ours costs less."""
        return self.ours / self.theirs if self.theirs else float("inf")


def compare(bill: Bill, other: CompareSpec) -> Comparison:
    """Set an estimate beside a bill; raise UsageError for a line of ours that does not exist or is named twice."""
    _require_known(other)
    pairs = tuple(_pair(bill, line) for line in other.lines)
    taken = {line.id for pair in pairs for line in pair.lines}
    unmatched = tuple(line for line in bill.lines if line.id not in taken and line.usd >= 0.005)
    return Comparison(other.name, other.source, pairs, unmatched, sum(p.theirs for p in pairs), bill.total)


def _pair(bill: Bill, line: CompareLine) -> Pair:
    ours = tuple(own for name in line.matches if (own := bill.line(name)) is not None)
    return Pair(line.name, line.usd, sum(own.usd for own in ours) if line.matches else None, ours, line.note)


def _require_known(other: CompareSpec) -> None:
    seen: dict[str, str] = {}
    for line in other.lines:
        for name in line.matches:
            if name not in LINE_IDS:
                raise UsageError(
                    f'compare "{other.name}": {line.name!r} matches {name!r}, which is no line of a bill'
                    f"{closest(name, LINE_IDS)}",
                    hint=f"the lines are {', '.join(LINE_IDS)}",
                )
            if name in seen:
                raise UsageError(
                    f'compare "{other.name}": {name} is matched by {seen[name]!r} and by {line.name!r}',
                    hint="let one of them stand for it",
                )
            seen[name] = line.name
