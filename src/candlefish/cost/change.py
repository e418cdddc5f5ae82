"""Two bills, line by line: what a change of the spec does to the month."""

from dataclasses import dataclass

from candlefish.cost.bill import LINE_IDS
from candlefish.cost.model import Bill

CENT = 0.005
"""USD; less is no difference."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line before and after; None where the estate has none such."""

    line_id: str
    before: float | None
    after: float | None
    what_before: str
    what_after: str

    @property
    def difference(self) -> float:
        """After less before, in USD."""
        return (self.after or 0.0) - (self.before or 0.0)


def changes(before: Bill, after: Bill) -> tuple[Change, ...]:
    """Return the lines that differ in their price or in what they are, in the order of the bill."""
    found = []
    for line_id in LINE_IDS:
        old, new = before.line(line_id), after.line(line_id)
        if old is None and new is None:
            continue
        change = Change(
            line_id,
            old.usd if old else None,
            new.usd if new else None,
            old.what if old else "",
            new.what if new else "",
        )
        if abs(change.difference) >= CENT or change.what_before != change.what_after:
            found.append(change)
    return tuple(found)
