"""How many processors each program kept busy between two moments."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from time import monotonic

import psutil

from candlefish.bench.result import CpuShare

GENERATOR = "load generator"
EVERYTHING_ELSE = "everything else"

SMALLEST_SHARE = 0.005
"""Programs below half a percent of one core are not listed."""


class CpuMeter:
    """Read the processor time of every program at `start`, and again at `stop`.

    PostgreSQL's backends come and go: what the dead ones used is in the account of the postmaster that reaped them.
    With `roots`, only those processes and their descendants are told apart by name; the rest is one sum.
    """

    def __init__(self, generator_pids: Collection[int] = (), roots: Collection[int] = ()) -> None:
        self._generator = frozenset(generator_pids)
        self._roots = frozenset(roots)
        self._names: dict[int, str] = {}
        self._before: Mapping[str, float] = {}
        self._started_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._before = self._seconds_by_program()
        self._started_at = monotonic()

    def stop(self) -> tuple[CpuShare, ...]:
        """Return what each program used since `start`, the busiest first."""
        elapsed = max(monotonic() - self._started_at, 1e-9)
        shares = [
            CpuShare(program, (seconds - self._before.get(program, 0.0)) / elapsed)
            for program, seconds in self._seconds_by_program().items()
        ]
        listed = [share for share in shares if share.cores >= SMALLEST_SHARE]
        return tuple(sorted(listed, key=lambda share: -share.cores))

    def _seconds_by_program(self) -> dict[str, float]:
        processes = {process.pid: process for process in psutil.process_iter(["ppid"])}
        parents = {pid: process.info["ppid"] for pid, process in processes.items()}
        totals: dict[str, float] = defaultdict(float)
        for pid, process in processes.items():
            try:
                times = process.cpu_times()
                name = self._program(process)
                seconds = times.user + times.system
                if name == "postgres" and hasattr(times, "children_user"):
                    seconds += times.children_user + times.children_system
            except psutil.Error:
                continue
            totals[name if self._is_ours(pid, parents) else EVERYTHING_ELSE] += seconds
        return totals

    def _is_ours(self, pid: int, parents: Mapping[int, int]) -> bool:
        if not self._roots or pid in self._generator:
            return True
        while pid > 1:
            if pid in self._roots:
                return True
            pid = parents.get(pid, 0)
        return False

    def _program(self, process: psutil.Process) -> str:
        if process.pid in self._generator:
            return GENERATOR
        name = self._names.get(process.pid)
        if name is None:
            name = process.name()
            if name.startswith("python"):
                name = name_script(process.cmdline()) or name
            self._names[process.pid] = name
        return name


def name_script(command: Sequence[str]) -> str:
    """Return what a Python process runs: the script's name or the module's; empty when neither is named."""
    for word in command[1:]:
        if word == "-c":
            return ""
        if not word.startswith("-"):
            return Path(word).name
    return ""
