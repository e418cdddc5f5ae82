"""What becomes of the samples: rows with their ratios to the bare driver. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from drivers.entries import Entry
from harness.samples import Sample, ratio, summarize
from harness.table import number, render_table

Row = dict[str, Any]

COLUMNS: Final = {
    "path": "path",
    "operation": "operation",
    "tasks": "tasks",
    "loop": "loop",
    "library": "library",
    "prepared": "prepared",
    "ops/s": "ops_per_second",
    "CPU us/op": "cpu_us_per_op",
    "p50 ms": "p50_ms",
    "p99 ms": "p99_ms",
    "vs asyncpg": "vs_asyncpg",
    "its CPU": "cpu_vs_asyncpg",
    "errors": "errors",
    "note": "note",
}
"""Of the table: the head of each column, and the field of a row that it shows."""

Samples = Mapping[Entry, Sequence[Sample]]
"""One sample for each round."""


def rows_of(samples: Samples) -> list[Row]:
    """Return the medians of each row, beside the bare driver's of the same cell."""
    return list(_each_row(samples))


def _each_row(samples: Samples) -> Iterator[Row]:
    baselines = {entry.cell: taken for entry, taken in samples.items() if entry.is_baseline}
    for entry, taken in samples.items():
        summary = summarize(taken)
        yield {
            "library": entry.library.name,
            "path": entry.path.name,
            "operation": entry.operation,
            "prepared": entry.prepared,
            "tasks": entry.tasks,
            "tls": False,
            "loop": entry.loop,
            "ops_per_second": summary.ops_per_second,
            "cpu_us_per_op": summary.cpu_us_per_op,
            "p50_ms": summary.p50_ms,
            "p99_ms": summary.p99_ms,
            "vs_asyncpg": paired_ratio(taken, baselines[entry.cell], "ops_per_second"),
            "cpu_vs_asyncpg": paired_ratio(taken, baselines[entry.cell], "cpu_us_per_op"),
            "rounds": summary.rounds,
            "spread": summary.spread,
            "errors": summary.errors,
            "note": " ".join(summary.note.split()),
        }


def paired_ratio(taken: Sequence[Sample], base: Sequence[Sample], figure: str) -> float | None:
    """Return the median of the rounds' ratios: what a noisy minute did to one of two neighbours it did to both."""
    pairs = zip(taken, base, strict=True)
    ratios = [ratio(getattr(mine, figure), getattr(theirs, figure)) for mine, theirs in pairs]
    known = [value for value in ratios if value is not None]
    return median(known) if known else None


def render_rows(rows: Sequence[Row]) -> str:
    """Draw the table."""
    return render_table(list(COLUMNS), [[_cell(row[name]) for name in COLUMNS.values()] for row in rows])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if value is None or isinstance(value, float) else str(value)
