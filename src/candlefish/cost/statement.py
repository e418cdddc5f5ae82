"""Everything that `candlefish cost` says of one estate, made at once."""

from dataclasses import dataclass
from datetime import date

from candlefish.cost.alternatives import Alternative, find_alternatives
from candlefish.cost.bill import make_bill
from candlefish.cost.compare import Comparison, compare
from candlefish.cost.model import Bill, Row, Snapshot
from candlefish.cost.savings import Savings, find_savings
from candlefish.cost.snapshot import WARN_AFTER_DAYS
from candlefish.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Aged:
    """Rows of the bill that are older than the snapshot may be without a warning, and what they make of it in USD."""

    rows: tuple[Row, ...]
    usd: float


@dataclass(frozen=True, slots=True)
class Statement:
    """The bill of an estate with what follows from it; `warning` is empty while the prices are fresh."""

    bill: Bill
    warning: str
    aged: Aged
    savings: Savings
    alternatives: tuple[Alternative, ...]
    comparisons: tuple[Comparison, ...]


def make_statement(spec: Spec, snapshot: Snapshot, today: date, warning: str = "") -> Statement:
    """Return the statement of a spec; raise UsageError for what can't be priced or compared."""
    bill = make_bill(spec, snapshot)
    return Statement(
        bill=bill,
        warning=warning,
        aged=_aged(bill, today),
        savings=find_savings(bill),
        alternatives=find_alternatives(spec, bill),
        comparisons=tuple(compare(bill, other) for other in spec.compare),
    )


def _aged(bill: Bill, today: date) -> Aged:
    charges = [
        charge for line in bill.lines for charge in line.charges if (today - charge.row.as_of).days > WARN_AFTER_DAYS
    ]
    rows = {charge.row.key: charge.row for charge in charges}
    return Aged(tuple(rows.values()), sum(charge.usd for charge in charges))
