"""How the hit ratio grows with the memory, by eviction policy, and the ceiling that no memory gets beyond."""

from collections.abc import Sequence
from math import floor
from typing import Final

from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.result import CacheAdvice, Ceiling, Point, name_ttl
from candlefish.report import svg
from candlefish.report.cache_rows import percent
from candlefish.units import render_bytes

FRAME: Final = svg.Frame(width=1096, height=330, left=72, right=170, top=26)

STYLES: Final[dict[PolicyName, str]] = {
    "allkeys-lru": "after",
    "allkeys-lfu": "before",
    "allkeys-random": "fast",
    "volatile-ttl": "quiet",
}

STEPS: Final = (0.02, 0.05, 0.1, 0.25)
MOST_LEVELS: Final = 5
"""Lines across a picture: hit ratios that are near each other shall be told apart."""

LABEL_GAP: Final = 17
"""Pixels between two names at the right edge."""


def memory_chart(advice: CacheAdvice, ceiling: Ceiling) -> str:
    """Draw one TTL: a line for each policy, a dot for each memory that was tried, the chosen one with a ring."""
    here = [point for point in advice.points if point.ttl_s == ceiling.ttl_s]
    memories = sorted({point.maxmemory_bytes for point in here})
    x = svg.logarithmic(memories[0], max(memories[-1], memories[0] + 1), FRAME.x0 + 12, FRAME.x1 - 12)
    levels = _levels(advice)
    y = svg.linear(levels[0], 1, FRAME.y1, FRAME.y0)
    body = [
        svg.x_axis(FRAME, _ticks(memories, x), "maxmemory"),
        svg.y_axis(FRAME, [(y(level), f"{level * 100:.0f} %") for level in levels], "hits among lookups"),
        svg.line(FRAME.x0, y(ceiling.hit_ratio), FRAME.x1, y(ceiling.hit_ratio), "ceiling"),
    ]
    lines = {policy: [p for p in here if p.policy == policy] for policy in dict.fromkeys(p.policy for p in here)}
    body += [_line(policy, points, x, y) for policy, points in lines.items()]
    chosen = advice.choice.point
    if chosen.ttl_s == ceiling.ttl_s:
        place = x(chosen.maxmemory_bytes)
        body.append(svg.line(place, FRAME.y0, place, FRAME.y1, "boundary"))
        body.append(svg.text(place, FRAME.y0 - 8, f"take {render_bytes(chosen.maxmemory_bytes)}", anchor="middle"))
    body += _names(lines, ceiling, y)
    described = "; ".join(f"{policy}: {_words(points)}" for policy, points in lines.items())
    name = f"Hit ratio by memory, {name_ttl(ceiling.ttl_s)}"
    key = f"memory-{'none' if ceiling.ttl_s is None else round(ceiling.ttl_s * 1000)}"
    return svg.drawing(FRAME, key, name, described, "".join(body))


def _levels(advice: CacheAdvice) -> list[float]:
    """Return the ratios at the left axis, the same in every picture: from below the lowest point up to 1."""
    lowest = min(point.hit_ratio for point in advice.points)
    step = next(step for step in STEPS if 1 - lowest <= MOST_LEVELS * step)
    count = floor((1 - lowest) / step) + 1
    return sorted({max(0.0, round(1 - step * level, 4)) for level in range(count + 1)})


def _ticks(memories: Sequence[int], x: svg.Scale) -> list[tuple[float, str]]:
    """Return a tick for each memory whose words have room beside those before."""
    found: list[tuple[float, str]] = []
    for memory in memories:
        if not found or x(memory) - found[-1][0] > 70:
            found.append((x(memory), render_bytes(memory)))
    return found


def _line(policy: PolicyName, points: Sequence[Point], x: svg.Scale, y: svg.Scale) -> str:
    css = STYLES[policy]
    places = [(x(point.maxmemory_bytes), y(point.hit_ratio)) for point in points]
    dots = [
        svg.dot(
            *place, 4, f"{css}-fill", f"{policy}, {render_bytes(point.maxmemory_bytes)}: {percent(point.hit_ratio)}"
        )
        for place, point in zip(places, points, strict=True)
    ]
    return svg.path(places, css) + "".join(dots)


def _names(lines: dict[PolicyName, list[Point]], ceiling: Ceiling, y: svg.Scale) -> list[str]:
    wanted = [(y(ceiling.hit_ratio), f"ceiling {percent(ceiling.hit_ratio)}", "quiet")]
    wanted += [(y(points[-1].hit_ratio), policy, STYLES[policy]) for policy, points in lines.items()]
    places = svg.spread([place for place, _, _ in wanted], LABEL_GAP, FRAME.y0, FRAME.y1)
    return [
        svg.text(FRAME.x1 + 10, place + 4, words, css=f"label {css}")
        for place, (_, words, css) in zip(places, wanted, strict=True)
    ]


def _words(points: Sequence[Point]) -> str:
    return ", ".join(f"{percent(point.hit_ratio)} at {render_bytes(point.maxmemory_bytes)}" for point in points)
