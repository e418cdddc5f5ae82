"""The picture of a recorded comparison."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chart import draw, pick_rows

ROOT = Path(__file__).parents[3]
RECORD = ROOT / "benchmarks" / "cache-get-2026-11-23.jsonl"
CELL = {"tasks": 50, "value_bytes": 1000, "tls": False, "loop": "uvloop"}


def _row(library: str, speed: float, **changed: object) -> dict[str, object]:
    return {"library": library, "ops_per_second": speed, "cpu_us_per_op": 3.0, "errors": 0, **CELL, **changed}


def test_each_library_is_there_once_at_its_fastest_without_errors() -> None:
    rows = [
        _row("redis-py", 10.0),
        _row("redis-py", 30.0),
        _row("redis-py", 90.0, errors=1),
        _row("candlefish", 80.0),
        _row("candlefish", 99.0, tasks=1),
        _row("dogpile.cache", 5.0, loop="threads"),
    ]
    picked = pick_rows(rows, CELL)
    assert [(row["library"], row["ops_per_second"]) for row in picked] == [
        ("candlefish", 80.0),
        ("redis-py", 30.0),
        ("dogpile.cache", 5.0),
    ]


def test_the_longest_bar_belongs_to_the_fastest() -> None:
    drawing = ElementTree.fromstring(draw([_row("candlefish", 80.0), _row("redis-py", 20.0)], "gets"))
    widths = [float(bar.get("width", "0")) for bar in drawing.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.01)


def test_the_picture_in_the_documentation_is_that_of_the_record() -> None:
    program = [sys.executable, str(ROOT / "benchmarks" / "chart.py"), str(RECORD)]
    drawn = subprocess.run(program, capture_output=True, text=True, check=True)
    assert drawn.stdout == (ROOT / "docs" / "cache-gets.svg").read_text()


def test_a_cell_that_is_not_there_is_named() -> None:
    program = [sys.executable, str(ROOT / "benchmarks" / "chart.py"), str(RECORD), "--tasks", "7"]
    failed = subprocess.run(program, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "no row without errors for {'tasks': 7" in failed.stderr
