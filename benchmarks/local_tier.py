"""Lookups that never leave the process: how fast they are beside other libraries, and whether any goes stale.

python benchmarks/local_tier.py [--json] [--writes 100000]

redis-py's own (its blocking client's cache_config) refuses every Redis below 7.4, so it can't be set beside Redis 7.0.

First the speed, library after library, in rounds. Then processes with a local tier each write and read the same keys,
and compare at the end what they have with what Redis has; exit code 1: one has a stale key.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from harness.cell_options import add_common, several
from harness.ending import told
from harness.fresh import run_fresh
from harness.peers_environment import peers_python
from harness.progress import show_progress
from harness.redis_server import RedisServer, redis_server
from harness.rounds import take_turns
from harness.samples import Sample, summarize
from harness.table import number, render_json, render_table
from peers.comparison import chosen
from peers.entries import Entry, databases
from peers.local_races import KEYS, LocalRace, LocalRaceResult
from peers.local_tiers import LocalJob

VALUE_BYTES: Final = 1000
PROCESSES: Final = 2

ENTRIES: Final = (
    Entry("candlefish", "get", "candlefish"),
    Entry("candlefish", "get_or_load of a Struct", "candlefish_typed"),
    Entry("cashews", "client_side=True", "cashews"),
)

HEAD: Final = ("library", "setting", "hits/s", "CPU us/hit")
RACE_HEAD: Final = ("writes", "lookups", "of them local", "keys", "stale")


def measure(server: RedisServer, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure every entry, round after round."""
    entries = chosen(ENTRIES, frozenset(given.libraries))
    jobs = [
        LocalJob(entry, server.plain.into(databases(ENTRIES)[entry.label]), VALUE_BYTES, given.seconds)
        for entry in entries
    ]
    samples: list[list[Sample]] = [[] for _ in jobs]
    with show_progress(len(jobs) * given.rounds) as step:
        for round_number, index in take_turns(range(len(jobs)), given.rounds):
            step(f"round {round_number}: {jobs[index].entry.label}")
            samples[index].append(run_fresh(peers_python(), "peers.local_tiers:measure", jobs[index], Sample))
    return [row_of(job, found) for job, found in zip(jobs, samples, strict=True)]


def row_of(job: LocalJob, samples: Sequence[Sample]) -> dict[str, Any]:
    """Return the medians of the rounds."""
    summary = summarize(samples)
    return {
        "library": job.entry.library,
        "setting": job.entry.setting,
        "value_bytes": job.value_bytes,
        "ops_per_second": summary.ops_per_second,
        "cpu_us_per_op": summary.cpu_us_per_op,
        "rounds": summary.rounds,
        "spread": summary.spread,
    }


def race(server: RedisServer, writes: int) -> dict[str, Any]:
    """Let the processes race, and add up what they found."""
    door = server.plain.into(len(ENTRIES))
    jobs = [LocalRace(door, number, PROCESSES, writes // PROCESSES) for number in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES) as threads:
        results = list(threads.map(_run_race, jobs))
    return {
        "library": "candlefish",
        "scenario": "racing writes of processes with a local tier",
        "processes": PROCESSES,
        "writes": sum(result.writes for result in results),
        "lookups": sum(result.lookups for result in results),
        "local_hits": sum(result.local_hits for result in results),
        "keys": KEYS,
        "stale": sum(result.stale for result in results),
    }


def _run_race(job: LocalRace) -> LocalRaceResult:
    return run_fresh(peers_python(), "peers.local_races:race", job, LocalRaceResult)


def render(rows: Sequence[dict[str, Any]], raced: dict[str, Any]) -> str:
    """Print both tables."""
    speeds = [
        (row["library"], row["setting"], number(row["ops_per_second"]), number(row["cpu_us_per_op"])) for row in rows
    ]
    names = ("writes", "lookups", "local_hits", "keys", "stale")
    return f"{render_table(HEAD, speeds)}\n\n{render_table(RACE_HEAD, [tuple(str(raced[name]) for name in names)])}"


def main() -> None:
    """Measure, race, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", type=several(str), default=[], help="those alone, such as redis-py,candlefish")
    parser.add_argument("--rounds", type=int, default=5, help="in which every row is measured once (default: 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one measurement (default: 2)")
    parser.add_argument("--writes", type=int, default=100_000, help="of the race (default: 100000)")
    add_common(parser)
    given = parser.parse_args()
    with told(), redis_server(given.port) as server:
        rows = measure(server, given)
        raced = race(server, given.writes)
    print(render_json([*rows, raced]) if given.json else render(rows, raced))
    if raced["stale"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
