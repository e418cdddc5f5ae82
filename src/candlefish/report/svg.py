"""The few pieces that every chart is drawn from: scales, axes, lines, text. SVG text only."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of `width` by `height`, and the room its axes take at each side."""

    width: int
    height: int
    left: int = 64
    right: int = 24
    top: int = 18
    bottom: int = 46

    @property
    def x0(self) -> float:
        """Return where the plot begins."""
        return float(self.left)

    @property
    def x1(self) -> float:
        """Return where the plot ends."""
        return float(self.width - self.right)

    @property
    def y0(self) -> float:
        """Return the plot's upper edge."""
        return float(self.top)

    @property
    def y1(self) -> float:
        """Return the plot's lower edge."""
        return float(self.height - self.bottom)


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """Map values from low..high to start..end."""
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """Map values from low..high to start..end by their logarithm; low must be above 0."""
    inner = linear(math.log10(low), math.log10(high), start, end)
    return lambda value: inner(math.log10(min(max(value, low), high)))


def decades(low: float, high: float) -> tuple[float, float, list[float]]:
    """Return the powers of ten around low..high and every one between them."""
    first = math.floor(math.log10(max(low, 1e-3)))
    last = max(math.ceil(math.log10(max(high, 1e-3))), first + 1)
    return 10.0**first, 10.0**last, [10.0**power for power in range(first, last + 1)]


def steps(high: float, wanted: int = 5) -> list[float]:
    """Return round values from 0 up to or just past `high`."""
    rough = max(high, 1e-9) / wanted
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough)
    return [round(index * step, 10) for index in range(math.ceil(high / step - 1e-9) + 1)]


def text(x: float, y: float, words: str, *, anchor: str = "start", css: str = "") -> str:
    """Draw words at a point; `anchor` is start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """Draw a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def path(points: Sequence[tuple[float, float]], css: str) -> str:
    """Draw a line through points; nothing for fewer than two."""
    if len(points) < 2:
        return ""
    steps_text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{steps_text}" class="line {css}"/>'


def bar(x: float, y: float, width: float, height: float, css: str, hint: str = "") -> str:
    """Draw a bar; `hint` is shown when the pointer rests on it."""
    inside = f"<title>{escape(hint)}</title>" if hint else ""
    box = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}"'
    return f'<rect {box} class="{css}">{inside}</rect>'


def dot(x: float, y: float, radius: float, css: str, hint: str = "") -> str:
    """Draw a dot; `hint` is shown when the pointer rests on it."""
    inside = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{css}">{inside}</circle>'


def x_axis(frame: Frame, ticks: Sequence[tuple[float, str]], label: str) -> str:
    """Draw the horizontal axis: (position, words) ticks with grid lines, and the axis' name."""
    parts = [line(x, frame.y0, x, frame.y1, "grid") for x, _ in ticks]
    parts += [text(x, frame.y1 + 17, words, anchor="middle", css="tick") for x, words in ticks]
    parts.append(line(frame.x0, frame.y1, frame.x1, frame.y1, "axis"))
    parts.append(text((frame.x0 + frame.x1) / 2, frame.y1 + 37, label, anchor="middle", css="axis-name"))
    return "".join(parts)


def y_axis(frame: Frame, ticks: Sequence[tuple[float, str]], label: str) -> str:
    """Draw the vertical axis: (position, words) ticks with grid lines, and the axis' name."""
    parts = [line(frame.x0, y, frame.x1, y, "grid") for y, _ in ticks]
    parts += [text(frame.x0 - 8, y + 4, words, anchor="end", css="tick") for y, words in ticks]
    middle = (frame.y0 + frame.y1) / 2
    parts.append(
        f'<text transform="translate(15 {middle:.1f}) rotate(-90)" text-anchor="middle" class="axis-name">'
        f"{escape(label)}</text>"
    )
    return "".join(parts)


def drawing(frame: Frame, key: str, name: str, description: str, body: str) -> str:
    """Wrap a chart's pieces as one picture that a screen reader can announce."""
    return (
        f'<svg viewBox="0 0 {frame.width} {frame.height}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(name)}</title><desc id="{key}-d">{escape(description)}</desc>'
        f"{body}</svg>"
    )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart until each is `gap` from the next, within low..high."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = list(wanted)
    previous = low - gap
    for index in order:
        placed[index] = previous = max(wanted[index], previous + gap)
    limit = high + gap
    for index in reversed(order):
        placed[index] = limit = min(placed[index], limit - gap)
    return placed
