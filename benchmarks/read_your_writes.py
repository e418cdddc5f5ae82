"""Whether a caller always sees its own writes, over two replicas that lag by 0 to 500 ms at random.

    .venv/bin/python benchmarks/read_your_writes.py [--kill] [--json]

Pairs of a write and a read, made in five ways (one task, a transaction, a function that is run, child tasks in one
scope, a token that travels), beside readers that have not written. With --kill a replica is killed, again and again.
Exit code 1: a caller did not see its own write, an error reached a caller, less than 80 % of the other reads were
served by replicas, or the replicas did not lag at all, so that nothing was proved.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from itertools import cycle
from random import Random
from time import perf_counter, process_time
from typing import Any, Final

from candlefish import Database
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.ending import told
from harness.faults import kill_postgres, postgres_replicas, wait_until_whole
from harness.lag import lag_at_random
from harness.live_line import say
from harness.loops import LOOPS, run_on
from harness.record import render_record
from harness.samples import percentile
from harness.table import render_json
from harness.tier import add_tier_options, open_database, open_tier, wait_for_replicas
from loads.pairs import Counts, make_counters, read_only, write_and_read

REPLICA_SHARE: Final = 0.8
"""The promise: so many of the reads without a recent own write are served by replicas."""

BETWEEN_KILLS_S: Final = 3.0
"""Seconds that a revived tier has before the next replica is killed."""

TOLD_S: Final = 1.0


def main() -> int:
    """Measure, print, and tell whether the promises were kept."""
    options = _parse(sys.argv[1:])
    with open_tier(options.tier, options.port_base, say) as stack, open_database(stack) as endpoints:
        make_counters(endpoints.main_url, options.tasks)
        wait_for_replicas(stack)
        row = run_on(options.loop, _measure(stack, endpoints, options))
    print(render_json([row]) if options.json else render_record(row))
    return 0 if _kept(row, killing=options.kill) else 1


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--pairs", type=int, default=100_000, help="of a write and a read (default 100,000)")
    parser.add_argument("--tasks", type=int, default=32, help="that make pairs at the same time (default 32)")
    parser.add_argument("--readers", type=int, default=16, help="that only read (default 16)")
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0])
    parser.add_argument("--kill", action="store_true", help="kill a replica, again and again")
    parser.add_argument("--seed", type=int, default=1)
    add_tier_options(parser)
    return parser.parse_args(words)


async def _measure(stack: Stack, endpoints: Endpoints, options: argparse.Namespace) -> dict[str, Any]:
    counts = Counts(acknowledged=[0] * options.tasks)
    random = Random(options.seed)
    async with Database(endpoints.main_url, read_urls=endpoints.read_urls) as db, asyncio.TaskGroup() as beside:
        around = [beside.create_task(lag_at_random(stack, random)), beside.create_task(_tell(counts, options.pairs))]
        if options.kill:
            around.append(beside.create_task(_kill_replicas(stack, counts)))
        began, cpu = perf_counter(), process_time()
        await _make_pairs(db, counts, options, random)
        wall_s, cpu_s = perf_counter() - began, process_time() - cpu
        for task in around:
            task.cancel()
        behind = sum(replica.behind for replica in db.replicas())
    return _row(counts, options, wall_s, cpu_s, behind)


async def _make_pairs(db: Database, counts: Counts, options: argparse.Namespace, random: Random) -> None:
    turns = iter(range(options.pairs))
    async with asyncio.TaskGroup() as readers:
        for _ in range(options.readers):
            readers.create_task(read_only(db, counts, random))
        async with asyncio.TaskGroup() as writers:
            for task in range(options.tasks):
                writers.create_task(write_and_read(db, task, counts, turns))
        counts.finished = True


async def _kill_replicas(stack: Stack, counts: Counts) -> None:
    """Kill one replica after the other, each when the tier is whole again."""
    for node in cycle(await asyncio.to_thread(postgres_replicas, stack)):
        await asyncio.sleep(BETWEEN_KILLS_S)
        await asyncio.to_thread(kill_postgres, stack, node)
        counts.killed += 1
        counts.revived += await asyncio.to_thread(wait_until_whole, stack)


async def _tell(counts: Counts, pairs: int) -> None:
    while True:
        say(f"{counts.pairs:,} of {pairs:,} pairs, {counts.misses} misses, {counts.errors.total} errors")
        await asyncio.sleep(TOLD_S)


def _row(counts: Counts, options: argparse.Namespace, wall_s: float, cpu_s: float, behind: int) -> dict[str, Any]:
    ordered = sorted(counts.pair_s)
    pairs, reads = max(1, counts.pairs), max(1, counts.reads)
    return {
        "library": "candlefish",
        "tasks": options.tasks,
        "readers": options.readers,
        "tls": False,
        "loop": options.loop,
        "pairs": counts.pairs,
        "misses": counts.misses,
        "own_reads_on_replicas": counts.own_on_replicas / pairs,
        "reads": counts.reads,
        "reads_on_replicas": counts.reads_on_replicas / reads,
        "stale_reads": counts.stale_reads / reads,
        "sent_elsewhere": behind,
        "killed": counts.killed,
        "revived": counts.revived,
        "ops_per_second": (2 * counts.pairs + counts.reads) / wall_s,
        "cpu_us_per_op": cpu_s / (2 * pairs + reads) * 1e6,
        "p50_ms": percentile(ordered, 0.50) * 1e3 if ordered else 0.0,
        "p99_ms": percentile(ordered, 0.99) * 1e3 if ordered else 0.0,
        "seconds": wall_s,
        "errors": counts.errors.total,
        "error_kinds": dict(counts.errors.kinds),
        "error_examples": counts.errors.examples,
    }


def _kept(row: dict[str, Any], *, killing: bool) -> bool:
    served = row["reads_on_replicas"] >= REPLICA_SHARE and row["stale_reads"] > 0
    return row["misses"] == 0 and row["errors"] == 0 and served and (row["revived"] > 0 or not killing)


if __name__ == "__main__":
    with told():
        sys.exit(main())
