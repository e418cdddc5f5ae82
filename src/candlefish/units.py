"""Bytes and durations as people write them: parse and print."""

import re

_BYTES = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_QUANTITY = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*$")


def parse_bytes(text: str) -> int:
    """Return the bytes in a text such as "512MB" (1 KB is 1,024 bytes, as PostgreSQL counts)."""
    match = _QUANTITY.match(text)
    unit = match[2].upper().replace("IB", "B") if match else None
    if match is None or unit not in _BYTES:
        raise ValueError(f"{text!r} is no size: write a number and one of B, kB, MB, GB, TB")
    return int(float(match[1]) * _BYTES[unit])


def parse_seconds(text: str) -> float:
    """Return the seconds in a text such as "250ms", "5min" or "30d"."""
    match = _QUANTITY.match(text)
    if match is None or match[2] not in _SECONDS:
        raise ValueError(f"{text!r} is no duration: write a number and one of ms, s, min, h, d")
    return float(match[1]) * _SECONDS[match[2]]


def render_bytes(size_bytes: float) -> str:
    """Print bytes with the largest unit that leaves at least 1 before the point."""
    for unit in ("TB", "GB", "MB", "kB"):
        factor = _BYTES[unit.upper()]
        if size_bytes >= factor:
            return f"{_digits(size_bytes / factor, 4)} {unit}"
    return f"{size_bytes:.0f} B"


def render_seconds(seconds: float) -> str:
    """Print a duration with the unit a reader expects."""
    if seconds < 1:
        return f"{_digits(seconds * 1000, 3)} ms"
    if seconds < 120:
        return f"{_digits(seconds, 3)} s"
    if seconds < 7200:
        return f"{_digits(seconds / 60, 3)} min"
    if seconds < 172800:
        return f"{_digits(seconds / 3600, 3)} h"
    return f"{_digits(seconds / 86400, 3)} d"


def render_ratio(ratio: float) -> str:
    """Print a ratio as a percentage, such as "25 %"."""
    return f"{ratio * 100:.4g} %"


def _digits(value: float, count: int) -> str:
    """Print a number with so many significant digits, large ones whole: `g` alone turns 1,000 into 1e+03."""
    return f"{value:.0f}" if value >= 10 ** (count - 1) else f"{value:.{count}g}"
