"""Latency by percentile: one line for each run, on a logarithmic axis of milliseconds."""

import math
from collections.abc import Sequence

from candlefish.bench.result import Distribution
from candlefish.report import svg
from candlefish.report.labels import number

FRAME = svg.Frame(width=540, height=330, left=82, right=118)
TICKS = (50.0, 90.0, 99.0, 99.9)
FIRST_PERCENTILE, LAST_PERCENTILE = 5.0, 99.95
"""The ends of a curve are single requests, and would stretch the axis over decades of nothing."""


def latency_chart(series: Sequence[tuple[str, str, Distribution]], key: str = "latency") -> str:
    """Draw (name, css class, latencies) as percentile curves: lower is faster, right is rarer."""
    values = [ms for _, _, spread in series for _, ms in _curve(spread)] or [1.0]
    low, high, decades = svg.decades(min(values), max(values))
    y = svg.logarithmic(low, high, FRAME.y1, FRAME.y0)
    x = svg.linear(0, _nines(LAST_PERCENTILE), FRAME.x0, FRAME.x1)
    parts = [
        svg.x_axis(FRAME, [(x(_nines(p)), f"{p:g} %") for p in TICKS], "share of requests answered faster than this"),
        svg.y_axis(FRAME, [(y(ms), f"{number(ms)} ms") for ms in decades], "latency (logarithmic)"),
    ]
    parts += [svg.path(_points(figures, x, y), css) for _, css, figures in series]
    parts += _end_labels(series, y)
    described = "; ".join(f"{name}: p50 {number(d.p50_ms)} ms, p95 {number(d.p95_ms)} ms" for name, _, d in series)
    return svg.drawing(FRAME, key, "Latency by percentile", described, "".join(parts))


def _nines(percentile: float) -> float:
    """Map a percentile to its count of nines, so that 90, 99 and 99.9 stand at equal distances."""
    return -math.log10(1 - min(percentile, LAST_PERCENTILE) / 100)


def _curve(figures: Distribution) -> list[tuple[float, float]]:
    return [(percentile, ms) for percentile, ms in figures.curve if ms > 0 and percentile >= FIRST_PERCENTILE]


def _points(figures: Distribution, x: svg.Scale, y: svg.Scale) -> list[tuple[float, float]]:
    return [(x(_nines(percentile)), y(ms)) for percentile, ms in _curve(figures)]


def _end_labels(series: Sequence[tuple[str, str, Distribution]], y: svg.Scale) -> list[str]:
    """Name each line at its right end, moved apart where they would touch."""
    drawn = [entry for entry in series if entry[2].curve]
    ends = [y(figures.curve[-1][1]) for _, _, figures in drawn]
    places = svg.spread(ends, 34, FRAME.y0 + 6, FRAME.y1 - 16)
    parts = []
    for (name, css, figures), place in zip(drawn, places, strict=True):
        parts.append(svg.text(FRAME.x1 + 10, place + 4, name, css=f"label {css}"))
        parts.append(svg.text(FRAME.x1 + 10, place + 19, f"p95 {number(figures.p95_ms)} ms", css="tick"))
    return parts
