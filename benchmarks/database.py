"""What `Database` costs over the bare driver through the same PgBouncer, and which driver is the faster one.

    .venv/bin/python benchmarks/database.py [--json]

Point SELECT by key, INSERT, and a transaction of both; a connection for each task. Exit code 1: `Database` keeps less
than 90 % of the bare driver's throughput through the tier's PgBouncer.
"""

import argparse
import contextlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from drivers.entries import CANDLEFISH, Entry, Path, direct, on_replicas, pooled, unprepared
from drivers.measure import Job
from drivers.rows import Row, Samples, render_rows, rows_of
from drivers.statements import make_tables
from harness.cell_options import loop, several
from harness.ending import told
from harness.fresh import FreshFailed, run_fresh
from harness.live_line import say
from harness.loops import LOOPS
from harness.peers_environment import peers_python
from harness.pooler import newest, old, serve
from harness.progress import show_progress
from harness.rounds import take_turns
from harness.samples import Sample
from harness.table import render_json
from harness.tier import add_tier_options, database_name, direct_url, open_database, open_tier, wait_for_replicas

TARGET: Final = 0.9
"""The promise: `Database` keeps so much of the bare driver's throughput."""

PATHS: Final = ("pooler", "replicas", "direct", "unprepared")


def main() -> int:
    """Measure, print, and tell whether the promise was kept."""
    options = _parse(sys.argv[1:])
    with (
        open_tier(options.tier, options.port_base, say) as stack,
        open_database(stack) as endpoints,
        contextlib.ExitStack() as poolers,
    ):
        make_tables(endpoints.main_url)
        wait_for_replicas(stack)
        entries = list(_entries(stack, endpoints, options, poolers))
        rows = rows_of(_measure(entries, options))
    print(render_json(rows) if options.json else render_rows(rows))
    return 0 if _kept(rows) else 1


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    parser.add_argument("--rounds", type=int, default=5, help="times that every row is measured (default 5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of one measurement (default 1.5)")
    parser.add_argument("--tasks", type=several(int), default=[50], help="asking at the same time, such as 1,50")
    parser.add_argument("--loop", type=several(loop), default=list(LOOPS), help="event loops: uvloop,asyncio")
    parser.add_argument("--paths", type=several(str), default=list(PATHS), help=f"those alone, of {','.join(PATHS)}")
    add_tier_options(parser)
    return parser.parse_args(words)


def _entries(
    stack: Stack, endpoints: Endpoints, options: argparse.Namespace, poolers: contextlib.ExitStack
) -> Iterator[Entry]:
    """Give the rows of every path that was asked for; poolers of our own run until `poolers` is closed."""
    database, loops, tasks = database_name(endpoints), options.loop, options.tasks
    if "pooler" in options.paths:
        yield from pooled(Path(f"{newest()}", endpoints.main_url), loops, tasks)
    if "replicas" in options.paths:
        yield from on_replicas(Path(f"{newest()}, replicas", endpoints.main_url, endpoints.read_urls), loops, tasks)
    if "direct" in options.paths:
        yield from direct(Path("direct", direct_url(stack, stack.require_primary(), database)), loops, tasks)
    if "unprepared" in options.paths:
        for index, program in enumerate(filter(None, (newest(), old()))):
            url = poolers.enter_context(serve(program, stack, database, number=index))
            name = f"{program}, not prepared" if program.follows_statements else str(program)
            yield from unprepared(Path(name, url, prepared=False), loops, tasks)


def _measure(entries: Sequence[Entry], options: argparse.Namespace) -> Samples:
    """Measure every row once in each round; a library that fails has a sample of zeros with what it said."""
    python = peers_python()
    samples: defaultdict[Entry, list[Sample]] = defaultdict(list)
    with show_progress(len(entries) * options.rounds) as step:
        for turn, entry in take_turns(entries, options.rounds):
            step(entry.label)
            job = Job(
                entry.library.opener, entry.way(), entry.operation, entry.tasks, entry.loop, options.seconds, turn
            )
            try:
                sample = run_fresh(python, "drivers.measure:measure", job, Sample)
            except FreshFailed as failure:
                sample = Sample(0.0, 0.0, 0.0, 0.0, errors=1, note=str(failure))
            samples[entry].append(sample)
    return samples


def _kept(rows: Sequence[Row]) -> bool:
    """Tell whether `Database` kept the promised share in every cell through the tier's own PgBouncer."""
    ours = [row for row in rows if row["library"] == CANDLEFISH.name and row["path"] == str(newest())]
    return all((row["vs_asyncpg"] or 0.0) >= TARGET and not row["errors"] for row in ours)


if __name__ == "__main__":
    with told():
        sys.exit(main())
