"""Deeds: what a row's process has the benchmark do in the middle, such as to kill a server that it cannot see itself.

The process prints `do NAME` (`harness.order`) and waits for a line on its stdin; the last other line is its result.
"""

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.fresh import TIMEOUT_S, FreshFailed
from harness.order import ORDER
from harness.places import IMPORT_PATH, ROOT

T = TypeVar("T")

Deeds = Mapping[str, Callable[[], None]]


def run_with_deeds(
    python: Path, function: str, argument: Any, kind: type[T], deeds: Deeds, *, timeout_s: float = TIMEOUT_S
) -> T:
    """Do as `run_fresh` does, and the deeds that the process asks for; what a deed raises ends the process too."""
    argv = [str(python), "-m", "harness.child", function, msgspec.json.encode(argument).decode()]
    env = {**os.environ, "PYTHONPATH": IMPORT_PATH}
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=env, cwd=ROOT, text=True
        )
        deadline = threading.Timer(timeout_s, child.kill)
        deadline.start()
        try:
            result = _serve(child, deeds)
        finally:
            deadline.cancel()
            child.kill()
            child.wait()
        if not result:
            said.seek(0)
            lines = said.read().strip().splitlines()
            raise FreshFailed(
                next(filter(_is_error, reversed(lines)), lines[-1]) if lines else f"ended with code {child.returncode}"
            )
    return msgspec.json.decode(result, type=kind)


def _is_error(line: str) -> bool:
    """Tell whether a line ends a traceback; asyncio may have had more to say after it."""
    return re.match(r"[\w.]+(Error|Exception|Unavailable|Timeout)\b", line) is not None


def _serve(child: "subprocess.Popen[str]", deeds: Deeds) -> str:
    """Do what the process asks for until it ends; return the last other line."""
    assert child.stdout is not None
    assert child.stdin is not None
    result = ""
    for line in child.stdout:
        if not line.startswith(ORDER):
            result = line
            continue
        deeds[line.removeprefix(ORDER).strip()]()
        child.stdin.write("done\n")
        child.stdin.flush()
    return result
