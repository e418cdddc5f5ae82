"""Latencies in microseconds, kept in HDR histograms that can be merged across processes. No I/O."""

from collections.abc import Iterable
from typing import Any

from hdrh.histogram import HdrHistogram

from candlefish.bench.result import Distribution

LONGEST_US = 3_600_000_000
"""An hour; what takes longer counts as an hour."""

SIGNIFICANT_DIGITS = 3
"""A percentile is off by 0.1 % at most."""

CURVE = (0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.5, 99.9, 99.99, 100)
"""The percentiles that a chart of a distribution is drawn from."""


class Latencies:
    """Count durations; merge and carry them between processes as text."""

    def __init__(self) -> None:
        self._histogram: Any = HdrHistogram(1, LONGEST_US, SIGNIFICANT_DIGITS)
        self._sum_us = 0

    @property
    def count(self) -> int:
        """Return how many durations were recorded."""
        return int(self._histogram.total_count)

    def record_us(self, values: Iterable[int]) -> None:
        """Add durations in microseconds."""
        record = self._histogram.record_value
        for value in values:
            kept = min(max(value, 1), LONGEST_US)
            record(kept)
            self._sum_us += kept

    def add(self, other: "Latencies") -> None:
        """Add everything that another histogram holds."""
        if other.count:
            self._histogram.add(other._histogram)  # noqa: SLF001 - of its own kind
            self._sum_us += other._sum_us  # noqa: SLF001 - of its own kind

    def encode(self) -> tuple[str, int]:
        """Return what `decode` takes: a compressed histogram and the exact sum in microseconds."""
        return self._histogram.encode().decode("ascii"), self._sum_us

    @classmethod
    def decode(cls, encoded: tuple[str, int]) -> "Latencies":
        """Read what `encode` gave."""
        latencies = cls()
        text, latencies._sum_us = encoded
        latencies._histogram.decode_and_add(text.encode("ascii"))
        return latencies

    def distribution(self) -> Distribution:
        """Return the percentiles in milliseconds; all zero when nothing was recorded."""
        if not self.count:
            return Distribution(0, 0.0, 0.0, 0.0, 0.0, 0.0)
        at = self._histogram.get_percentile_to_value_dict(list(CURVE))
        return Distribution(
            count=self.count,
            mean_ms=self._sum_us / self.count / 1000,
            p50_ms=at[50] / 1000,
            p95_ms=at[95] / 1000,
            p99_ms=at[99] / 1000,
            max_ms=at[100] / 1000,
            curve=tuple((float(percentile), at[percentile] / 1000) for percentile in CURVE),
        )


def merged(parts: Iterable[Latencies]) -> Latencies:
    """Return one histogram that holds all the parts."""
    whole = Latencies()
    for part in parts:
        whole.add(part)
    return whole
