"""The cache's hit ratio over warm-up and the After runs, and the ceiling of a perfect cache."""

from collections.abc import Sequence

from candlefish.bench.result import Run
from candlefish.report import svg
from candlefish.report.charts.seconds import measured_seconds
from candlefish.report.labels import percent

FRAME = svg.Frame(width=540, height=280, left=72, right=136)


def hit_ratio_chart(runs: Sequence[tuple[str, Run]], ceiling_ratio: float, key: str = "hits") -> str:
    """Draw (name, run) one after the other: the hit ratio of every second, on one axis of time."""
    total = sum(_length(run) for _, run in runs) or 1.0
    x = svg.linear(0, total, FRAME.x0, FRAME.x1)
    y = svg.linear(0, 1, FRAME.y1, FRAME.y0)
    quarters = [(y(part / 4), f"{part * 25} %") for part in range(5)]
    body = [
        svg.x_axis(
            FRAME,
            [(x(at), f"{at:g}") for at in svg.steps(total) if at <= total],
            "seconds since the cache was empty",
        ),
        svg.y_axis(FRAME, quarters, "hits among lookups"),
        svg.line(FRAME.x0, y(ceiling_ratio), FRAME.x1, y(ceiling_ratio), "ceiling"),
    ]
    start = 0.0
    for name, run in runs:
        body.append(svg.line(x(start), FRAME.y0, x(start), FRAME.y1, "boundary") if start else "")
        body.append(svg.text(x(start) + 6, FRAME.y1 - 10, name, css="tick"))
        body.append(svg.path([(x(start + at), y(ratio)) for at, ratio in _ratios(run)], "after"))
        start += _length(run)
    body += _right_labels(runs, ceiling_ratio, y)
    described = f"Ceiling {percent(ceiling_ratio)}; " + "; ".join(
        f"{name}: {percent(run.hit_ratio or 0.0)}" for name, run in runs
    )
    return svg.drawing(FRAME, key, "Cache hit ratio over time", described, "".join(body))


def _length(run: Run) -> float:
    return max([second.at + 1 for second in measured_seconds(run)] or [run.seconds])


def _ratios(run: Run) -> list[tuple[float, float]]:
    """Return (second, ratio), each over the three seconds around it: one alone holds few lookups."""
    found = []
    seconds = measured_seconds(run)
    for index, second in enumerate(seconds):
        near = seconds[max(0, index - 1) : index + 2]
        hits, lookups = sum(s.hits for s in near), sum(s.hits + s.misses for s in near)
        if lookups:
            found.append((second.at + 0.5, hits / lookups))
    return found


def _right_labels(runs: Sequence[tuple[str, Run]], ceiling_ratio: float, y: svg.Scale) -> list[str]:
    last = runs[-1][1].hit_ratio if runs else None
    wanted = [y(ceiling_ratio), y(last if last is not None else 0.0)]
    places = svg.spread(wanted, 34, FRAME.y0 + 4, FRAME.y1 - 16)
    return [
        svg.text(FRAME.x1 + 10, places[0] + 4, "perfect cache", css="label quiet"),
        svg.text(FRAME.x1 + 10, places[0] + 19, f"ceiling {percent(ceiling_ratio)}", css="tick"),
        svg.text(FRAME.x1 + 10, places[1] + 4, "measured", css="label after"),
        svg.text(FRAME.x1 + 10, places[1] + 19, f"at the end {percent(last or 0.0)}", css="tick"),
    ]
