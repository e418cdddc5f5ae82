"""Durations and sizes in candlefish.toml: texts with a unit, never bare numbers."""

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from candlefish.units import parse_bytes, parse_seconds

GIB = 1024**3


def _to_seconds(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f'{value!r} is no duration: write a text such as "250ms", "30s" or "5min"')
    if isinstance(value, (int, float)):
        raise ValueError(f'{value!r} has no unit: write "{value}s", "{value}ms" or "{value}min"')
    return parse_seconds(value)


def _to_bytes(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f'{value!r} is no size: write a text such as "512MB" or "4GB"')
    if isinstance(value, (int, float)):
        raise ValueError(f'{value!r} has no unit: write "{value}MB" or "{value}GB"')
    if value.strip().isdigit():
        raise ValueError(f'{value!r} has no unit: write "{value.strip()}MB" or "{value.strip()}GB"')
    return parse_bytes(value)


def _to_gigabytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    size = parse_bytes(value if not value.strip().isdigit() else f"{value}GB")
    if size % GIB:
        raise ValueError(f"{value!r} is no whole number of GB")
    return size // GIB


Duration = Annotated[
    float,
    BeforeValidator(_to_seconds),
    PlainSerializer(lambda seconds: f"{seconds:.15g}s", return_type=str, when_used="json"),
]
"""Seconds; written as a text with one of ms, s, min, h, d."""

Size = Annotated[
    int,
    BeforeValidator(_to_bytes),
    PlainSerializer(lambda size_bytes: f"{size_bytes}B", return_type=str, when_used="json"),
]
"""Bytes; written as a text with one of B, kB, MB, GB, TB."""

Gigabytes = Annotated[int, BeforeValidator(_to_gigabytes)]
"""Whole GB (1,024 MB); written as a number or as a text such as "100GB"."""
