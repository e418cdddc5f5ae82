"""Requests answered in every second of each run, the runs laid over one another."""

from collections.abc import Sequence

from candlefish.bench.result import Run
from candlefish.report import svg
from candlefish.report.charts.seconds import measured_seconds
from candlefish.report.labels import number

FRAME = svg.Frame(width=540, height=330, left=64, right=124)


def throughput_chart(series: Sequence[tuple[str, str, Run]], key: str = "throughput") -> str:
    """Draw (name, css class, run) as answered requests a second over the seconds of the run."""
    lines = [(css, measured_seconds(run)) for _, css, run in series]
    longest = max([second.at for _, seconds in lines for second in seconds] or [1.0])
    high = max([float(second.served) for _, seconds in lines for second in seconds] or [1.0])
    ticks_y, ticks_x = svg.steps(high), svg.steps(longest)
    y = svg.linear(0, ticks_y[-1], FRAME.y1, FRAME.y0)
    x = svg.linear(0, longest, FRAME.x0, FRAME.x1)
    body = [
        svg.x_axis(FRAME, [(x(at), f"{at:g}") for at in ticks_x if at <= longest], "seconds since the run began"),
        svg.y_axis(FRAME, [(y(rate), number(rate)) for rate in ticks_y], "requests answered each second"),
    ]
    body += [svg.path([(x(s.at), y(s.served)) for s in seconds], css) for css, seconds in lines]
    places = svg.spread([y(run.served_rate) for _, _, run in series], 34, FRAME.y0 + 6, FRAME.y1 - 16)
    for (name, css, run), place in zip(series, places, strict=True):
        body.append(svg.text(FRAME.x1 + 10, place + 4, name, css=f"label {css}"))
        body.append(svg.text(FRAME.x1 + 10, place + 19, f"{number(run.served_rate)} /s answered", css="tick"))
    described = "; ".join(f"{name}: {number(run.served_rate)} requests a second" for name, _, run in series)
    return svg.drawing(FRAME, key, "Throughput over time", described, "".join(body))
