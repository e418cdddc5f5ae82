"""A picture of one cell of a recorded comparison: for each library its fastest setting that made no error.

python benchmarks/chart.py benchmarks/cache-get-2026-11-23.jsonl > docs/cache-gets.svg
python benchmarks/chart.py benchmarks/cache-get-2026-11-23.jsonl --tasks 1000 > gets-of-1000.svg
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from candlefish.report import svg
from candlefish.report.style import COLOURS

ROW: Final = 34
"""Height of a bar with its gap, in units of the drawing."""

STYLE: Final = (
    COLOURS
    + """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: var(--ink) }
.tick, .axis-name { fill: var(--soft); font-size: 12.5px }
.ours { font-weight: 600 }
.grid { stroke: var(--grid) }
.axis { stroke: var(--soft) }
.after-fill { fill: var(--after) }
.rest { fill: var(--rest) }
"""
)

Row = dict[str, Any]


def pick_rows(rows: list[Row], cell: Row) -> list[Row]:
    """Return the fastest row of each library in a cell, the fastest library first."""
    best: dict[str, Row] = {}
    for row in rows:
        here = all(row[name] == value for name, value in cell.items()) or (
            row["loop"] == "threads" and all(row[name] == value for name, value in cell.items() if name != "loop")
        )
        if not here or row["errors"]:
            continue
        if row["ops_per_second"] > best.get(row["library"], {"ops_per_second": 0})["ops_per_second"]:
            best[row["library"]] = row
    return sorted(best.values(), key=lambda row: -row["ops_per_second"])


def draw(rows: list[Row], name: str) -> str:
    """Return a drawing that stands alone: a bar for each library, by throughput."""
    frame = svg.Frame(width=860, height=ROW * len(rows) + 64, left=130, right=190, top=8)
    ticks = svg.steps(max(row["ops_per_second"] for row in rows), 4)
    x = svg.linear(0, ticks[-1], frame.x0, frame.x1)
    body = [svg.x_axis(frame, [(x(tick), f"{tick:,.0f}") for tick in ticks], name)]
    for index, row in enumerate(rows):
        y = frame.y0 + ROW * index + 5
        ours = row["library"] == "candlefish"
        words = f"{row['ops_per_second']:,.0f} · {row['cpu_us_per_op']:.3g} us of CPU each"
        body.append(svg.text(frame.x0 - 10, y + 16, row["library"], anchor="end", css="ours" if ours else ""))
        body.append(svg.bar(frame.x0, y, x(row["ops_per_second"]) - frame.x0, 22, "after-fill" if ours else "rest"))
        body.append(svg.text(x(row["ops_per_second"]) + 8, y + 16, words, css="tick"))
    described = "; ".join(f"{row['library']} {row['ops_per_second']:,.0f}" for row in rows)
    picture = svg.drawing(frame, "chart", name, described, f"<style>{STYLE}</style>{''.join(body)}")
    return picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def main() -> None:
    """Read a record and print its picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path, help="what a comparison printed with --json")
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--size", type=int, default=1000, help="of the values in bytes")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--loop", default="uvloop")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.record.read_text().splitlines()]
    cell = {"tasks": asked.tasks, "value_bytes": asked.size, "tls": asked.tls, "loop": asked.loop}
    picked = pick_rows(rows, cell)
    if not picked:
        sys.exit(f"chart.py: {asked.record} has no row without errors for {cell}")
    unit = f"operations a second: {asked.tasks} tasks, {asked.size:,} bytes{', TLS' if asked.tls else ''}, {asked.loop}"
    print(draw(picked, unit))


if __name__ == "__main__":
    main()
