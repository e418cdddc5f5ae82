"""Each operation before and after: two dots on one logarithmic line of milliseconds."""

from collections.abc import Sequence

from candlefish.bench.result import OperationFigures
from candlefish.report import svg
from candlefish.report.labels import number, percent

ROW = 24
TOP = 34


def operations_chart(
    before: Sequence[OperationFigures], after: Sequence[OperationFigures], key: str = "operations"
) -> str:
    """Draw the average latency of every operation that both runs have, slowest before on top."""
    later = {operation.name: operation for operation in after if operation.latency.count}
    rows = [(op, later[op.name]) for op in before if op.name in later and op.latency.count]
    rows.sort(key=lambda pair: -pair[0].latency.mean_ms)
    frame = svg.Frame(width=1096, height=TOP + ROW * len(rows) + 50, left=290, right=110, top=TOP)
    values = [op.latency.mean_ms for pair in rows for op in pair if op.latency.mean_ms > 0] or [1.0]
    low, high, decades = svg.decades(min(values), max(values))
    x = svg.logarithmic(low, high, frame.x0, frame.x1)
    body = [svg.x_axis(frame, [(x(ms), f"{number(ms)} ms") for ms in decades], "average latency (logarithmic)")]
    body.append(_legend(frame))
    body += [_row(frame, index, pair, x) for index, pair in enumerate(rows)]
    return svg.drawing(frame, key, "Each operation before and after", _described(rows), "".join(body))


def _legend(frame: svg.Frame) -> str:
    return (
        svg.dot(frame.x0 + 6, 14, 5, "after-fill")
        + svg.text(frame.x0 + 16, 18, "after", css="label after")
        + svg.dot(frame.x0 + 76, 14, 5, "before-fill")
        + svg.text(frame.x0 + 86, 18, "before", css="label before")
        + svg.text(frame.width - 8, 18, "less time", anchor="end", css="tick")
    )


def _row(frame: svg.Frame, index: int, pair: tuple[OperationFigures, OperationFigures], x: svg.Scale) -> str:
    before, after = pair[0].latency.mean_ms, pair[1].latency.mean_ms
    y = frame.y0 + ROW * (index + 0.5)
    change = 1 - after / before if before else 0.0
    hint = f"{pair[0].name}: {number(before)} ms before, {number(after)} ms after"
    return (
        svg.text(frame.x0 - 52, y + 4, pair[0].name.replace("_", " "), anchor="end", css="row")
        + svg.text(frame.x0 - 10, y + 4, pair[0].kind, anchor="end", css="tick")
        + svg.line(x(after), y, x(before), y, "span")
        + svg.dot(x(before), y, 5, "before-fill", hint)
        + svg.dot(x(after), y, 5, "after-fill", hint)
        + svg.text(frame.width - 8, y + 4, _change(change), anchor="end", css="row")
    )


def _change(ratio: float) -> str:
    return f"−{percent(ratio)}" if ratio >= 0 else f"+{percent(-ratio)}"


def _described(rows: Sequence[tuple[OperationFigures, OperationFigures]]) -> str:
    return "; ".join(
        f"{before.name}: {number(before.latency.mean_ms)} to {number(after.latency.mean_ms)} ms"
        for before, after in rows
    )
