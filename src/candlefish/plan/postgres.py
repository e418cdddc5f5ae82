"""Every PostgreSQL setting of a node, with its reason. The same code sizes the nodes here and those on AWS."""

from collections.abc import Iterator
from dataclasses import dataclass

from candlefish.plan import postgres_fixed
from candlefish.plan.memory import MIB
from candlefish.plan.model import Setting
from candlefish.spec.model import PostgresSpec, Spec
from candlefish.units import render_bytes, render_ratio

GIB = 1024 * MIB

CORES_PER_HELPER = 2
"""One query takes at most half of the cores as helpers, so that a second one finds a core; four at the most,
because more wait for each other (PostgreSQL's default is 2)."""

MAX_HELPERS = 4

BACKGROUND_WORKERS = 6
"""Besides parallel query: the launcher of logical replication, and five pg_cron jobs at a time (its default)."""

WORK_PART = 0.5
"""Of what shared_buffers leaves: for sorts and hashes. The rest stays the kernel's page cache."""

SORTS_PER_QUERY = 2
"""Sorts and hashes that one statement holds at a time; each may take work_mem."""

MIN_WORK_MEM, MAX_WORK_MEM = 4 * MIB, 64 * MIB
"""PostgreSQL's default; and a bound, because one bad statement takes it many times over."""

MAINTENANCE_PART = 1 / 16
"""Of the node's share, as pgtune has it: three vacuum workers and an index build may each take it."""

MIN_MAINTENANCE, MAX_MAINTENANCE = 64 * MIB, GIB
"""PostgreSQL's default; and the most that VACUUM uses before version 17."""

PREFETCH = 200
"""Reads that an SSD answers at once, as pgtune has it."""

LOGICAL_SLOTS = ("candlefish_changes",)
"""Declared at bootstrap, because declaring the first one later restarts every replica."""


@dataclass(frozen=True, slots=True)
class NodeSize:
    """What one server has: its share of memory, its cores, how many statements it runs at once, its kernel."""

    memory_bytes: int
    cores: int
    busy_connections: int
    system: str = "Linux"


def size_settings(spec: Spec, size: NodeSize) -> tuple[Setting, ...]:
    """Return the settings of a node; those of the spec's [postgres.settings] replace ours."""
    sized = (
        *_memory(spec.postgres, size),
        *_declared(spec.postgres),
        *_workers(size),
        *postgres_fixed.ALL,
        _prefetch(size.system),
        Setting("cron.database_name", spec.database, "the tier's first database holds the schedule"),
    )
    extra = spec.postgres.settings.items()
    own = (Setting(name, _text(value), "declared in [postgres.settings]") for name, value in extra)
    return tuple({setting.name: setting for setting in (*sized, *own)}.values())


def _prefetch(system: str) -> Setting:
    # Where there is no posix_fadvise (macOS), PostgreSQL refuses to start with anything but 0.
    reads, reason = (
        (PREFETCH, "reads that an SSD answers at once") if system == "Linux" else (0, f"{system} has no prefetch")
    )
    return Setting("effective_io_concurrency", str(reads), reason)


def _memory(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    share = f"of the node's {render_bytes(size.memory_bytes)}"
    ratio = postgres.shared_buffers_ratio
    buffers = size.memory_bytes * ratio
    yield Setting("shared_buffers", _mb(buffers), f"{render_ratio(ratio)} {share}")
    ratio = postgres.effective_cache_size_ratio
    hint = "what may be cached, a hint to the planner"
    yield Setting("effective_cache_size", _mb(size.memory_bytes * ratio), f"{render_ratio(ratio)} {share}: {hint}")
    work_mem = (size.memory_bytes - buffers) * WORK_PART / (size.busy_connections * SORTS_PER_QUERY)
    yield Setting(
        "work_mem", _mb(min(MAX_WORK_MEM, max(MIN_WORK_MEM, work_mem))),
        f"half of what shared_buffers leaves, over {size.busy_connections} busy connections with {SORTS_PER_QUERY} "
        f"sorts each; {_mb(MIN_WORK_MEM)} to {_mb(MAX_WORK_MEM)}",
    )  # fmt: skip
    maintenance = min(MAX_MAINTENANCE, max(MIN_MAINTENANCE, size.memory_bytes * MAINTENANCE_PART))
    yield Setting("maintenance_work_mem", _mb(maintenance), "a sixteenth of the node's share: vacuum and index builds")


def _declared(postgres: PostgresSpec) -> Iterator[Setting]:
    yield Setting(
        "max_connections", str(postgres.max_connections),
        "declared; the same on all nodes: a replica with fewer than its primary stops replaying",
    )  # fmt: skip
    yield Setting("statement_timeout", _time(postgres.statement_timeout), "declared; loads and index builds set 0")
    yield Setting("log_min_duration_statement", _time(postgres.slow_query), "declared: slower statements are logged")


def _workers(size: NodeSize) -> Iterator[Setting]:
    helpers = max(1, min(MAX_HELPERS, size.cores // CORES_PER_HELPER))
    yield Setting(
        "max_worker_processes", str(size.cores + BACKGROUND_WORKERS),
        f"one for each of {size.cores} cores, and {BACKGROUND_WORKERS} for pg_cron jobs and logical replication",
    )  # fmt: skip
    yield Setting("max_parallel_workers", str(size.cores), f"one for each of {size.cores} cores")
    reason = f"half of {size.cores} cores, from 1 to {MAX_HELPERS}"
    yield Setting("max_parallel_workers_per_gather", str(helpers), reason)
    yield Setting("max_parallel_maintenance_workers", str(helpers), f"{reason}: for an index build")


def _text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _mb(size_bytes: float) -> str:
    return f"{int(size_bytes) // MIB}MB"


def _time(seconds: float) -> str:
    """Write a duration as PostgreSQL reads it, in the largest unit that keeps it whole."""
    milliseconds = round(seconds * 1000)
    for unit, length in (("min", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms"
