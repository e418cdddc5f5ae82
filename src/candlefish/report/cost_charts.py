"""Pictures of a bill: its lines as bars in the colours of their parts, and another estimate's bars beside ours."""

from collections.abc import Sequence

from candlefish.cost.compare import Comparison, Pair
from candlefish.cost.model import PARTS, Bill, PartName
from candlefish.report import svg
from candlefish.report.cost_rows import money, share_of

ROW, PAIR = 30, 52
"""Height of a bar with its room, and of a pair of bars."""

SHOWN = 12
"""Lines drawn each for itself; the smaller ones are one bar."""

COLOURS: dict[PartName, str] = {part: f"part{index}" for index, part in enumerate(PARTS)}


def parts_strip(bill: Bill, key: str = "cost-parts") -> str:
    """Draw the whole bill as one bar, cut into its parts, with a legend below."""
    frame = svg.Frame(width=1096, height=92, left=0, right=0, top=4, bottom=0)
    x = svg.linear(0, bill.total or 1.0, frame.x0, frame.x1)
    body, start, left = [], 0.0, frame.x0
    described = []
    for part, lines in bill.parts():
        usd = sum(line.usd for line in lines)
        words = f"{PARTS[part]}: {money(usd)} USD, {share_of(usd, bill.total)}"
        body.append(svg.bar(x(start), 4, x(start + usd) - x(start), 34, COLOURS[part], words))
        start += usd
        described.append(words)
    for index, (part, _) in enumerate(bill.parts()):
        row, column = divmod(index, 4)
        left = frame.x0 + column * 274
        body.append(svg.bar(left, 52 + row * 22, 12, 12, COLOURS[part]))
        body.append(svg.text(left + 18, 63 + row * 22, _legend(bill, part), css="tick"))
    return svg.drawing(frame, key, "The bill by part", "; ".join(described), "".join(body))


def _legend(bill: Bill, part: PartName) -> str:
    usd = sum(line.usd for line in bill.lines if line.part == part)
    return f"{PARTS[part]} {share_of(usd, bill.total)}"


def lines_chart(bill: Bill, key: str = "cost-lines") -> str:
    """Draw a bar for each line, the dearest first, the smallest together."""
    ordered = sorted((line for line in bill.lines if line.usd >= 0.005), key=lambda line: -line.usd)
    shown, rest = ordered[:SHOWN], ordered[SHOWN:]
    bars = [(line.id, line.usd, COLOURS[line.part]) for line in shown]
    if rest:
        bars.append((f"{len(rest)} smaller lines", sum(line.usd for line in rest), "rest"))
    frame = svg.Frame(width=1096, height=ROW * len(bars) + 60, left=190, right=150, top=8)
    ticks = svg.steps(max([usd for _, usd, _ in bars] or [1.0]))
    x = svg.linear(0, ticks[-1], frame.x0, frame.x1)
    body = [svg.x_axis(frame, [(x(tick), f"{tick:,.0f}") for tick in ticks], "USD a month")]
    for index, (name, usd, css) in enumerate(bars):
        y = frame.y0 + ROW * index + 4
        words = f"{money(usd)} · {share_of(usd, bill.total)}"
        body.append(svg.text(frame.x0 - 10, y + 15, name, anchor="end", css="row"))
        body.append(svg.bar(frame.x0, y, x(usd) - frame.x0, 20, css, f"{name}: {words}"))
        body.append(svg.text(x(usd) + 8, y + 15, words, css="tick"))
    described = "; ".join(f"{name}: {money(usd)} USD" for name, usd, _ in bars)
    return svg.drawing(frame, key, "What drives the bill", described, "".join(body))


def compare_chart(comparison: Comparison, key: str) -> str:
    """Draw each line of theirs above ours that stands for it, the totals last."""
    pairs = [(pair.name, pair.theirs, pair.ours) for pair in comparison.pairs if _drawn(pair, comparison.pairs)]
    rest = sum(line.usd for line in comparison.unmatched)
    if rest and any(pair.ours is not None for pair in comparison.pairs):
        pairs.append(("not in theirs", 0.0, rest))
    pairs.append(("total", comparison.theirs, comparison.ours))
    frame = svg.Frame(width=1096, height=PAIR * len(pairs) + 86, left=230, right=120, top=34)
    ticks = svg.steps(max(max(theirs, ours or 0.0) for _, theirs, ours in pairs))
    x = svg.linear(0, ticks[-1], frame.x0, frame.x1)
    body = [svg.x_axis(frame, [(x(tick), f"{tick:,.0f}") for tick in ticks], "USD a month"), _names(frame, comparison)]
    for index, (name, theirs, ours) in enumerate(pairs):
        body.append(_pair(frame, frame.y0 + PAIR * index + 6, name, (theirs, ours), x))
    described = "; ".join(f"{name}: {money(theirs)} against {money(ours or 0.0)} USD" for name, theirs, ours in pairs)
    return svg.drawing(frame, key, f"Compared with {comparison.name}", described, "".join(body))


def _drawn(pair: Pair, pairs: Sequence[Pair]) -> bool:
    """Tell whether a pair says something that the total does not."""
    return pair.ours is not None or len(pairs) > 1


def _names(frame: svg.Frame, comparison: Comparison) -> str:
    return (
        svg.bar(frame.x0, 8, 12, 12, "before-fill")
        + svg.text(frame.x0 + 18, 19, comparison.name, css="tick")
        + svg.bar(frame.x0 + 300, 8, 12, 12, "after-fill")
        + svg.text(frame.x0 + 318, 19, "candlefish, list prices", css="tick")
    )


def _pair(frame: svg.Frame, y: float, name: str, usd: tuple[float, float | None], x: svg.Scale) -> str:
    theirs, ours = usd
    parts = [svg.text(frame.x0 - 10, y + 22, name, anchor="end", css="label" if name == "total" else "row")]
    for offset, value, css in ((0.0, theirs, "before-fill"), (19.0, ours, "after-fill")):
        if value:
            parts.append(svg.bar(frame.x0, y + offset, x(value) - frame.x0, 17, css, f"{name}: {money(value)} USD"))
        words = money(value) if value else "–"
        parts.append(svg.text(x(value or 0.0) + 8, y + offset + 13, words, css="tick"))
    return "".join(parts)
