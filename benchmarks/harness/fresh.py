"""One row is one fresh process: nothing that another library left behind can count for or against it."""

from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from candlefish import process
from harness.places import IMPORT_PATH, ROOT

T = TypeVar("T")

TIMEOUT_S: Final = 180.0
"""A library that hangs ends its row, not the benchmark."""


class FreshFailed(Exception):
    """A row's process ended without a result."""


def run_fresh(python: Path, function: str, argument: Any, kind: type[T], *, timeout_s: float = TIMEOUT_S) -> T:
    """Call `MODULE:FUNCTION` with one argument in a process of its own and return what it returned, as `kind`."""
    done = process.run(
        [python, "-m", "harness.child", function, msgspec.json.encode(argument).decode()],
        env={"PYTHONPATH": IMPORT_PATH},
        cwd=ROOT,
        timeout_s=timeout_s,
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines()
        raise FreshFailed(said[-1] if said else f"ended with code {done.returncode}")
    return msgspec.json.decode(lines[-1], type=kind)
