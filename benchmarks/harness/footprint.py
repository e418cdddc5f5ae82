"""What a process holds, looked at again and again, and whether any of it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

import psutil

from harness.samples import percentile

MIB = 1024 * 1024

FIGURES = ("rss_bytes", "open_files", "sockets", "tasks", "keys_without_ttl")

RSS_RATIO, RSS_BYTES = 0.03, 4 * MIB
"""What memory may move without a leak, whichever is more: the allocator's fragments."""

USUAL = 0.9
"""Of the first half: what was more than this was a fault of the moment."""

COUNT_ALLOWED = 2.0
"""Sockets, files and tasks come and go with each fault; half of a run that adds three of them leaks."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """One look: `at_s` counts from the start, `cpu_s` is what the process took by then, open files include sockets,
    and the keys are those that Redis would keep.
    """

    at_s: float
    cpu_s: float
    rss_bytes: int
    open_files: int
    sockets: int
    tasks: int
    keys_without_ttl: int


@dataclass(frozen=True, slots=True)
class Growth:
    """One figure in the second half of a run: its median, how much it grew, and how much of that is allowed.

    `grown` is what its slope says, and no more than its last quarter exceeds the first half by: a pool that is only
    now full for the first time since a fault has been as full before.
    """

    figure: str
    median: float
    grown: float
    allowed: float

    @property
    def grows(self) -> bool:
        """Tell whether it grew by more than is allowed."""
        return self.grown > self.allowed


def read_footprint(pid: int, at_s: float, *, tasks: int, keys_without_ttl: int) -> Footprint:
    """Look at a process from outside; it tells its tasks itself."""
    process = psutil.Process(pid)
    return Footprint(
        at_s=at_s,
        cpu_s=sum(process.cpu_times()[:2]),
        rss_bytes=process.memory_info().rss,
        open_files=process.num_fds(),
        sockets=len(process.net_connections()),
        tasks=tasks,
        keys_without_ttl=keys_without_ttl,
    )


def find_growth(looks: Sequence[Footprint]) -> tuple[Growth, ...]:
    """Judge the second half of a run: the first is warm-up, in which caches and pools fill."""
    return tuple(_judge(figure, [(look.at_s, float(getattr(look, figure))) for look in looks]) for figure in FIGURES)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the median of the slopes between all pairs (Theil and Sen): a few samples out of line do not count."""
    return median((later - earlier) / (then - now) for (now, earlier), (then, later) in combinations(points, 2))


def _judge(figure: str, points: Sequence[tuple[float, float]]) -> Growth:
    end_s = points[-1][0]
    early = sorted(value for at, value in points if at < end_s / 2)
    late = [(at, value) for at, value in points if at >= end_s / 2]
    last = median(value for at, value in points if at >= end_s * 3 / 4)
    by_slope = slope(late) * (late[-1][0] - late[0][0])
    middle = median(value for _at, value in late)
    return Growth(figure, middle, min(by_slope, last - percentile(early, USUAL)), _allowed(figure, middle))


def _allowed(figure: str, middle: float) -> float:
    if figure == "rss_bytes":
        return max(RSS_BYTES, RSS_RATIO * middle)
    return 0.0 if figure == "keys_without_ttl" else COUNT_ALLOWED
