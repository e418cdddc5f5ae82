"""The rows of every table about cost, as text cells: one source for the terminal and for the page."""

from collections.abc import Iterator, Sequence

from candlefish.cost.change import Change
from candlefish.cost.compare import Comparison
from candlefish.cost.model import Bill, Charge, Line
from candlefish.cost.savings import Savings
from candlefish.cost.statement import Statement
from candlefish.report.labels import percent

Row = tuple[str, ...]

BILL_HEAD = ("line", "what", "quantity", "unit", "USD a unit", "USD a month", "share")
SAVING_HEAD = ("line", "what", "now", "means", "term", "then", "saves")
ALTERNATIVE_HEAD = ("instead", "USD a month", "consider")
COMPARE_HEAD = ("theirs", "USD", "ours", "USD", "difference", "note")
CHANGE_HEAD = ("line", "before", "after", "difference", "what")
SOURCE_HEAD = ("price", "USD", "unit", "read on", "source")

SMALLEST_USD = 0.005
"""What rounds to a cent."""


def money(usd: float) -> str:
    """Print USD with cents."""
    return f"{usd:,.2f}" if abs(usd) >= SMALLEST_USD else "0.00"


def change_of(usd: float) -> str:
    """Print a difference in USD with its sign."""
    return f"{usd:+,.2f}" if abs(usd) >= SMALLEST_USD else "0.00"


def unit_price(charge: Charge) -> str:
    """Print a unit price with all the digits that it has."""
    digits = f"{charge.row.price:.10f}".rstrip("0")
    whole, _, part = digits.partition(".")
    return f"{whole}.{part:0<2}"


def quantity(charge: Charge) -> str:
    """Print a quantity: whole where it is whole, else with what tells it from nothing."""
    value = charge.quantity
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def bill_rows(bill: Bill, lines: Sequence[Line]) -> Iterator[Row]:
    """Give each line; one of several charges is followed by them, their USD in brackets."""
    for line in lines:
        share = share_of(line.usd, bill.total)
        if len(line.charges) == 1:
            (charge,) = line.charges
            what = f"{line.what}: {charge.formula}"
            yield (line.id, what, *_price(charge), money(charge.usd), share)
            continue
        yield (line.id, line.what, "", "", "", money(line.usd), share)
        for charge in line.charges:
            yield ("", f"– {charge.formula}", *_price(charge), f"({money(charge.usd)})", "")


def _price(charge: Charge) -> Row:
    return (quantity(charge), charge.row.unit, unit_price(charge))


def share_of(usd: float, total: float) -> str:
    """Print a part of the bill in per cent; a dash for what rounds to nothing."""
    return percent(usd / total) if total and usd / total >= 0.0005 else "–"


def usage_rows(bill: Bill) -> list[Row]:
    """Return (line, input, assumption) of every line that rests on one."""
    return [
        (line.id, f"usage.{line.usage}" if line.usage else "", line.assumption)
        for line in bill.lines
        if line.usage or line.assumption
    ]


def drivers(bill: Bill, count: int = 5) -> str:
    """Return the lines that make most of the bill, as one sentence's worth of words."""
    top = sorted(bill.lines, key=lambda line: -line.usd)[:count]
    return ", ".join(f"{line.id} {share_of(line.usd, bill.total)}" for line in top)


def saving_rows(savings: Savings) -> Iterator[Row]:
    """Give each offer of each line that can be committed to; "no price found" where there is none."""
    for saving in savings.lines:
        head = (saving.line_id, saving.what, money(saving.usd), saving.means)
        if not saving.offers:
            yield (*head, "", "no price found", "")
        for offer in saving.offers:
            term = f"{offer.years} year{'s' if offer.years > 1 else ''}, {offer.payment}"
            saved = f"{money(offer.saves)} ({percent(offer.saves / saving.usd)})" if saving.usd else money(0)
            derived = f" ({offer.derived})" if offer.derived else ""
            yield (*head, term + derived, money(offer.usd), saved)
        if saving.note:
            yield ("", saving.note, "", "Database Savings Plan", "", "", "")


def reserved_words(savings: Savings) -> str:
    """Return what reserving could take off the whole bill at most, as words."""
    needed = savings.needed_discount(0.30)
    return (
        f"{money(savings.reservable)} of {money(savings.total)} USD ({percent(savings.ratio)}) can be reserved: "
        f"30 % off the whole bill needs {percent(needed)} off every reserved line"
    )


def compare_rows(comparison: Comparison) -> Iterator[Row]:
    """Give their lines with ours beside them, then the sums."""
    for pair in comparison.pairs:
        names = ", ".join(line.id for line in pair.lines) or "–"
        ours = "–" if pair.ours is None else money(pair.ours)
        change = change_of(pair.difference) if pair.ours is not None else ""
        yield (pair.name, money(pair.theirs), names, ours, change, pair.note)
    if any(pair.ours is not None for pair in comparison.pairs) and comparison.unmatched:
        rest = sum(line.usd for line in comparison.unmatched)
        names = ", ".join(line.id for line in comparison.unmatched)
        yield ("like for like", money(comparison.theirs), "", money(comparison.matched), _less(comparison), "")
        yield ("not in theirs", "–", names, money(rest), change_of(rest), "lines that their estimate leaves out")
    total = comparison.ours - comparison.theirs
    yield ("total", money(comparison.theirs), "", money(comparison.ours), change_of(total), verdict(comparison))


def _less(comparison: Comparison) -> str:
    return change_of(comparison.matched - comparison.theirs)


def verdict(comparison: Comparison) -> str:
    """Return how much more or less ours costs than theirs."""
    ratio = comparison.ratio
    return f"{percent(abs(1 - ratio))} {'less' if ratio < 1 else 'more'} than theirs"


def change_rows(changes: Sequence[Change]) -> Iterator[Row]:
    """Give each line that differs between two bills."""
    for change in changes:
        before = "–" if change.before is None else money(change.before)
        after = "–" if change.after is None else money(change.after)
        same = change.what_before == change.what_after or not change.what_before or not change.what_after
        words = change.what_after or change.what_before
        what = words if same else f"{change.what_before} -> {change.what_after}"
        yield (change.line_id, before, after, change_of(change.difference), what)


def source_rows(statement: Statement) -> list[Row]:
    """Return every price of the bill once, with the day it was read and where."""
    charges = {charge.row.key: charge for line in statement.bill.lines for charge in line.charges}
    return [
        (
            charge.row.key,
            unit_price(charge),
            charge.row.unit,
            charge.row.as_of.isoformat(),
            "; ".join(words for words in (charge.row.source, charge.row.derived, charge.row.note) if words),
        )
        for charge in charges.values()
    ]


def aged_words(statement: Statement) -> str:
    """Return what of the bill rests on old rows, as words; an empty text where nothing does."""
    aged = statement.aged
    if not aged.rows:
        return ""
    oldest = min(row.as_of for row in aged.rows)
    share = share_of(aged.usd, statement.bill.total)
    return (
        f"{money(aged.usd)} USD of it ({share}) rest on {len(aged.rows)} rows read before the others, the oldest on "
        f"{oldest}: {', '.join(row.key for row in aged.rows)}"
    )
