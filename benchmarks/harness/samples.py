"""One measurement, and what several of them say together: medians and how far they lie apart. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """What one row's process measured in one round."""

    ops_per_second: float
    cpu_us_per_op: float
    p50_ms: float
    p99_ms: float
    errors: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The medians of the rounds, all errors, and the spread of the throughputs."""

    ops_per_second: float
    cpu_us_per_op: float
    p50_ms: float
    p99_ms: float
    errors: int
    rounds: int
    spread: float
    note: str = ""


def sample_of(
    latencies_s: Iterable[float], calls: int, wall_s: float, cpu_s: float, errors: int = 0, note: str = ""
) -> Sample:
    """Make a sample of `calls` answered in `wall_s`; zero everywhere when none was."""
    ordered = sorted(latencies_s)
    if not calls:
        return Sample(0.0, 0.0, 0.0, 0.0, errors, note)
    return Sample(
        ops_per_second=calls / wall_s,
        cpu_us_per_op=cpu_s / calls * 1e6,
        p50_ms=percentile(ordered, 0.50) * 1e3,
        p99_ms=percentile(ordered, 0.99) * 1e3,
        errors=errors,
        note=note,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of the ordered values that `share` of them do not exceed."""
    return ordered[max(ceil(len(ordered) * share), 1) - 1]


def spread(values: Sequence[float]) -> float:
    """Return the distance of the largest from the smallest value, as a share of the median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def summarize(samples: Sequence[Sample]) -> Summary:
    """Return the medians of the rounds."""
    throughputs = [sample.ops_per_second for sample in samples]
    return Summary(
        ops_per_second=median(throughputs),
        cpu_us_per_op=median(sample.cpu_us_per_op for sample in samples),
        p50_ms=median(sample.p50_ms for sample in samples),
        p99_ms=median(sample.p99_ms for sample in samples),
        errors=sum(sample.errors for sample in samples),
        rounds=len(samples),
        spread=spread(throughputs),
        note=next((sample.note for sample in samples if sample.note), ""),
    )


def ratio(value: float, base: float) -> float | None:
    """Return how many times the base a value is; None without a base."""
    return value / base if base else None
