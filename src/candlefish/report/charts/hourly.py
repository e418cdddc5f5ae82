"""What statements take in an hour of the workload, before and after: a pair of bars each, its text above."""

from collections.abc import Sequence
from typing import Final

from candlefish.advise.advice import Effect
from candlefish.report import svg
from candlefish.report.advice_rows import hourly, in_one_line, weight
from candlefish.report.labels import number

WIDTH: Final = 560
ROW: Final = 62
"""Height of a pair of bars with the text above."""

SHOWN: Final = 10
"""Statements drawn each for itself; the others are one pair."""

LETTERS: Final = 74
"""Of a statement's text that fit above its bars."""

ROOM: Final = 92
"""Pixels for the figure behind the longest bar."""


def hourly_chart(effects: Sequence[Effect]) -> str:
    """Draw the statements, those that save most first; milliseconds, or the planner's cost where nothing ran."""
    measured = all(one.before_ms is not None and one.after_ms is not None for one in effects)
    bars = [(in_one_line(one.text, LETTERS), *weight(one)) for one in effects[:SHOWN]]
    rest = [weight(one) for one in effects[SHOWN:]]
    if rest:
        before, after = (sum(one[side] for one in rest) for side in (0, 1))
        bars.append((f"{len(rest)} more statements", before, after))
    frame = svg.Frame(width=WIDTH, height=ROW * len(bars) + 34, left=0, right=ROOM, top=30, bottom=4)
    longest = max([1e-9, *(max(before, after) for _, before, after in bars)])
    x = svg.linear(0, longest, frame.x0, frame.x1)
    words = hourly if measured else _cost
    body = [_legend(frame)]
    for index, bar in enumerate(bars):
        body += _pair(frame, frame.y0 + ROW * index, bar, (words(bar[1]), words(bar[2])), x)
    described = "; ".join(f"{name}: {words(before)}, then {words(after)}" for name, before, after in bars)
    unit = "Time" if measured else "The planner's cost"
    return svg.drawing(frame, "advice-hourly", f"{unit} an hour, before and after", described, "".join(body))


def _cost(value: float) -> str:
    """Print a cost in few letters: nobody reads its digits."""
    for letter, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"cost {number(value / factor)} {letter}"
    return f"cost {number(value)}"


def _legend(frame: svg.Frame) -> str:
    return (
        svg.bar(frame.x0, 6, 12, 12, "before-fill")
        + svg.text(frame.x0 + 18, 17, "before", css="tick")
        + svg.bar(frame.x0 + 84, 6, 12, 12, "after-fill")
        + svg.text(frame.x0 + 102, 17, "after", css="tick")
    )


def _pair(frame: svg.Frame, y: float, bar: tuple[str, float, float], words: tuple[str, str], x: svg.Scale) -> list[str]:
    name, before, after = bar
    parts = [svg.text(frame.x0, y + 18, name, css="sql")]
    for offset, value, said, css in ((24.0, before, words[0], "before-fill"), (40.0, after, words[1], "after-fill")):
        parts.append(svg.bar(frame.x0, y + offset, x(value) - frame.x0, 13, css, f"{name}: {said}"))
        parts.append(svg.text(x(value) + 7, y + offset + 11, said, css="tick"))
    return parts
