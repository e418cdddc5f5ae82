"""What large values do to small ones: gets of 1 KB while values of 5 MB are read through the same client.

python benchmarks/large_values.py
"""

import argparse
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from harness.cell_options import add_common, several
from harness.ending import told
from harness.fresh import run_fresh
from harness.peers_environment import peers_python
from harness.progress import show_progress
from harness.redis_server import RedisServer, redis_server
from harness.rounds import take_turns
from harness.samples import summarize
from harness.table import number, render_json, render_table
from peers.comparison import chosen
from peers.entries import Entry, databases, fillers
from peers.measure_beside_large import TASKS, LargeJob, LargeSample

SMALL_BYTES: Final = 1000
LARGE_BYTES: Final = 5_000_000

RATES: Final = (0.0, 10.0)
"""Large values that are asked for in a second: none, and 50 MB of them."""

ENTRIES: Final = (
    Entry("redis-py", "default pool", "redis_py", form="plain"),
    Entry("coredis", "default pool", "coredis", form="plain"),
    Entry("valkey-glide", "", "glide", form="plain"),
    Entry("candlefish", "", "candlefish"),
)

HEAD: Final = ("library", "setting", "5 MB values/s", "gets/s", "CPU us/get", "p50 ms", "p99 ms", "5 MB ms", "errors")


def measure(server: RedisServer, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure every entry without large values and with them, round after round."""
    python, entries = peers_python(), chosen(ENTRIES, frozenset(given.libraries))
    for entry in fillers(ENTRIES, entries):
        run_fresh(python, "peers.measure_beside_large:fill", job_of(server, entry, RATES[0], given.seconds), int)
    jobs = [job_of(server, entry, rate, given.seconds) for entry in entries for rate in RATES]
    samples: list[list[LargeSample]] = [[] for _ in jobs]
    with show_progress(len(jobs) * given.rounds) as step:
        for round_number, index in take_turns(range(len(jobs)), given.rounds):
            step(f"round {round_number}: {jobs[index].entry.label}")
            samples[index].append(run_fresh(python, "peers.measure_beside_large:measure", jobs[index], LargeSample))
    return [row_of(job, found) for job, found in zip(jobs, samples, strict=True)]


def job_of(server: RedisServer, entry: Entry, rate: float, seconds: float) -> LargeJob:
    """Return what a row's process is told."""
    door = server.plain.into(databases(ENTRIES)[entry.label])
    return LargeJob(entry, door, SMALL_BYTES, LARGE_BYTES, rate, seconds)


def row_of(job: LargeJob, samples: Sequence[LargeSample]) -> dict[str, Any]:
    """Return the medians of the rounds."""
    small = summarize([sample.small for sample in samples])
    return {
        "library": job.entry.library,
        "setting": job.entry.setting,
        "tasks": TASKS,
        "value_bytes": job.small_bytes,
        "large_bytes": job.large_bytes,
        "large_per_second": job.large_per_second,
        "ops_per_second": small.ops_per_second,
        "cpu_us_per_op": small.cpu_us_per_op,
        "p50_ms": small.p50_ms,
        "p99_ms": small.p99_ms,
        "large_ms": median(sample.large_ms for sample in samples),
        "errors": small.errors + sum(sample.large_errors for sample in samples),
        "rounds": small.rounds,
        "spread": small.spread,
    }


def render(rows: Sequence[dict[str, Any]]) -> str:
    """Print the rows as a table."""
    figures = ("large_per_second", "ops_per_second", "cpu_us_per_op", "p50_ms", "p99_ms", "large_ms", "errors")
    return render_table(
        HEAD, [(row["library"], row["setting"], *(number(row[name]) for name in figures)) for row in rows]
    )


def main() -> None:
    """Measure, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", type=several(str), default=[], help="those alone, such as redis-py,candlefish")
    parser.add_argument("--rounds", type=int, default=3, help="in which every row is measured once (default: 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one measurement (default: 3)")
    add_common(parser)
    given = parser.parse_args()
    with told(), redis_server(given.port) as server:
        rows = measure(server, given)
    print(render_json(rows) if given.json else render(rows))


if __name__ == "__main__":
    main()
