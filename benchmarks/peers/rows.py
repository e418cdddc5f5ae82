"""What becomes of the medians: rows with their ratios to redis-py's best setting. No I/O."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from harness.cells import Cell
from harness.samples import Summary, ratio
from harness.table import number, render_table
from peers.entries import Entry

Row = dict[str, Any]
Result = tuple[Entry, Summary]

OURS: Final = "candlefish"

HEAD: Final = (
    "library", "setting", "ops/s", "CPU us/op", "p50 ms", "p99 ms", "x redis-py", "CPU x redis-py", "errors", "spread",
)  # fmt: skip


def rows_of(cell: Cell, results: Sequence[Result]) -> list[Row]:
    """Return one row for each entry, in their order."""
    base = fastest([result for result in results if result[0].baseline])
    peer = fastest([result for result in results if result[0].library != OURS])
    return [_row(cell, entry, summary, base, peer) for entry, summary in results]


def fastest(results: Sequence[Result]) -> Result | None:
    """Return the result with the highest throughput of those without an error."""
    sound = [result for result in results if not result[1].errors]
    return max(sound, key=lambda result: result[1].ops_per_second, default=None)


def _row(cell: Cell, entry: Entry, summary: Summary, base: Result | None, peer: Result | None) -> Row:
    row: Row = {"library": entry.library, "setting": entry.setting, **asdict(cell), **asdict(summary)}
    if entry.threads:
        row["loop"] = "threads"
    row["vs_redis_py"] = ratio(summary.ops_per_second, base[1].ops_per_second) if base else None
    row["cpu_vs_redis_py"] = ratio(summary.cpu_us_per_op, base[1].cpu_us_per_op) if base else None
    row["vs_best_peer"] = ratio(summary.ops_per_second, peer[1].ops_per_second) if peer else None
    row["baseline"] = base[0].setting if base else None
    row["best_peer"] = peer[0].label if peer else None
    return row


def render_cell(cell: Cell, rows: list[Row]) -> str:
    """Print the rows of one cell."""
    tls = "TLS" if cell.tls else "plain"
    lines = [
        f"{cell.tasks:,} tasks, values of {cell.value_bytes:,} bytes, {tls}, {cell.loop}",
        "",
        render_table(HEAD, [_cells(row) for row in rows]),
        "",
        *(f"x redis-py: of its {row['baseline']}; the fastest peer is {row['best_peer']}" for row in rows[:1]),
        *(f"{row['library']} {row['setting']}: {row['note']}" for row in rows if row["note"]),
    ]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row[name] for name in ("ops_per_second", "cpu_us_per_op", "p50_ms", "p99_ms", "vs_redis_py"))
    setting = f"{row['setting']}, threads" if row["loop"] == "threads" else row["setting"]
    return (
        row["library"],
        setting,
        *map(number, figures),
        number(row["cpu_vs_redis_py"]),
        f"{row['errors']:,}",
        f"{row['spread']:.0%}",
    )
