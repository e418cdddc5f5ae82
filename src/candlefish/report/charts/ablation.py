"""What indexes, pooling, replicas and cache each bring alone: average latency at the same rate."""

from collections.abc import Sequence

from candlefish.demo.result import AblationRow
from candlefish.report import svg
from candlefish.report.labels import number

ROW = 34


def ablation_chart(rows: Sequence[AblationRow], key: str = "ablation") -> str:
    """Draw a bar for each combination: the average, with a mark where the p95 lies."""
    frame = svg.Frame(width=1096, height=34 + ROW * len(rows) + 50, left=220, right=210, top=30)
    high = max([row.run.everything.p95_ms for row in rows] or [1.0])
    ticks = svg.steps(high)
    x = svg.linear(0, ticks[-1], frame.x0, frame.x1)
    body = [svg.x_axis(frame, [(x(ms), f"{number(ms)} ms") for ms in ticks], "latency at the same arrival rate R")]
    body.append(_legend(frame))
    body += [_row(frame, index, row, x) for index, row in enumerate(rows)]
    described = "; ".join(
        f"{row.name}: average {number(row.run.everything.mean_ms)} ms, p95 {number(row.run.everything.p95_ms)} ms"
        for row in rows
    )
    return svg.drawing(frame, key, "What each part brings alone", described, "".join(body))


def _legend(frame: svg.Frame) -> str:
    return (
        svg.bar(frame.x0, 8, 12, 12, "after-fill")
        + svg.text(frame.x0 + 18, 19, "average", css="tick")
        + svg.line(frame.x0 + 96, 6, frame.x0 + 96, 22, "mark")
        + svg.text(frame.x0 + 104, 19, "p95", css="tick")
    )


def _row(frame: svg.Frame, index: int, row: AblationRow, x: svg.Scale) -> str:
    y, figures = frame.y0 + ROW * index + 6, row.run.everything
    css = "before-fill" if not row.parts else "after-fill"
    words = f"{number(figures.mean_ms)} ms · p95 {number(figures.p95_ms)} ms"
    return (
        svg.text(frame.x0 - 10, y + 16, row.name, anchor="end", css="row")
        + svg.bar(frame.x0, y, x(figures.mean_ms) - frame.x0, 22, css, words)
        + svg.line(x(figures.p95_ms), y - 3, x(figures.p95_ms), y + 25, "mark")
        + svg.text(frame.width - 4, y + 16, words, anchor="end", css="tick")
    )
