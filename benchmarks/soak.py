"""Whether anything grows in a process that uses the client for a long time, while parts of its tier are lost.

    .venv/bin/python benchmarks/soak.py [--cache-operations N] [--statements N] [--json]

One process does everything that the client can; another one looks at it every few seconds: memory, open files, sockets,
tasks, and keys in Redis without a time to live. Twice in a run the Redis primary and a replica are killed and the
pooler's connections cut, once the PostgreSQL primary is killed. What counts is the second half of the run.
Exit code 1: something grows, an answer was wrong, or an error came that the documentation does not promise.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError, UsageError
from harness.ending import told
from harness.faults import keys_without_ttl
from harness.footprint import Footprint, Growth, find_growth, read_footprint
from harness.live_line import say
from harness.loops import LOOPS
from harness.places import IMPORT_PATH
from harness.record import render_record
from harness.table import number, render_json, render_table
from harness.tier import add_tier_options, open_database, open_tier, wait_for_replicas
from loads.errors import count_unpromised
from loads.everything import make_things
from loads.soak_faults import FAULTS
from loads.soak_process import WORKERS, Job, Progress

LOOK_S: Final = 3.0
"""Seconds between two looks: some hundred in a run of full length."""

FEWEST_LOOKS: Final = 8
"""Two for each quarter of the run."""

OPEN_FILES: Final = 4096


def main() -> int:
    """Soak, print, and tell whether anything grows."""
    options = _parse(sys.argv[1:])
    with open_tier(options.tier, options.port_base, say) as stack, open_database(stack) as endpoints:
        make_things(endpoints.main_url)
        wait_for_replicas(stack)
        began = time.monotonic()
        progress, looks = _soak(stack, endpoints, options)
        seconds = time.monotonic() - began
    if options.looks:
        options.looks.write_text("".join(json.dumps(asdict(look)) + "\n" for look in looks))
    if len(looks) < FEWEST_LOOKS:
        raise UsageError(
            f"the run took {seconds:.0f} s, too short to tell growth from noise", hint="ask for more operations"
        )
    growth = find_growth(looks)
    summary = _summary(progress, options, seconds, looks[-1].cpu_s)
    figures = [asdict(one) | {"grows": one.grows} for one in growth]
    print(render_json([summary, *figures]) if options.json else _render(summary, growth))
    return 0 if _kept(progress, growth) else 1


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object for the run, then one for each figure")
    parser.add_argument("--cache-operations", type=int, default=20_000_000, help="default 20,000,000")
    parser.add_argument("--statements", type=int, default=2_000_000, help="default 2,000,000")
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--looks", type=Path, metavar="FILE", help="write every look here, one JSON object a line")
    add_tier_options(parser)
    return parser.parse_args(words)


def _soak(stack: Stack, endpoints: Endpoints, options: argparse.Namespace) -> tuple[Progress, list[Footprint]]:
    """Let the other process work, strike when it is time, look at it until it has ended."""
    job = Job(
        endpoints.main_url, endpoints.read_urls, endpoints.sentinel_url, options.cache_operations, options.statements,
        options.loop, options.seed,
    )  # fmt: skip
    lines: list[str] = [""]
    argv = ["env", f"PYTHONPATH={IMPORT_PATH}", sys.executable, "-m", "loads.soak_process"]
    child = process.start(
        [*argv, msgspec.json.encode(job).decode()], on_line=lambda line: _keep_last(lines, line), on_end=lambda: None,
        open_files=OPEN_FILES,
    )  # fmt: skip
    try:
        looks = _look_until_ended(child, lines, job, stack, endpoints)
    finally:
        process.stop(child.pid)
    return _progress(lines), looks


def _look_until_ended(
    child: process.Child, lines: list[str], job: Job, stack: Stack, endpoints: Endpoints
) -> list[Footprint]:
    keys_before = keys_without_ttl(stack) or 0
    began, looks, due = time.monotonic(), list[Footprint](), list(FAULTS)
    while not process.wait_until(lambda: child.ended() is not None, timeout_s=LOOK_S):
        progress = _progress(lines)
        share = min(progress.cache_operations / job.cache_operations, progress.statements / job.statements)
        if progress.closed or not progress.tasks:
            continue
        keys = keys_without_ttl(stack)
        kept = looks[-1].keys_without_ttl if keys is None and looks else (keys or 0) - keys_before
        looks.append(read_footprint(child.pid, time.monotonic() - began, tasks=progress.tasks, keys_without_ttl=kept))
        say(_told(looks[-1], progress, share))
        if due and share >= due[0].at_share:
            say(due[0].name)
            due.pop(0).strike(stack, endpoints)
    return looks


def _keep_last(lines: list[str], line: str) -> None:
    """Keep the last line of progress; what else is written is a traceback, of which the end is kept."""
    if line.startswith("{"):
        lines[0] = line
    else:
        lines[1:] = [*lines[-20:], line] if len(lines) > 1 else [line]


def _progress(lines: list[str]) -> Progress:
    if lines[1:]:
        raise EngineError("the process that is looked at failed", detail="\n".join(lines[1:]))
    return msgspec.json.decode(lines[0], type=Progress) if lines[0] else Progress(0, 0, 0, 0, {}, {}, 0)


def _told(look: Footprint, progress: Progress, share: float) -> str:
    errors = ", ".join(f"{count} {kind}" for kind, count in progress.errors.items()) or "no error"
    return (
        f"{look.at_s:5.0f} s  {share:4.0%}  {look.rss_bytes / 1e6:.1f} MB, {look.open_files} files,"
        f" {look.sockets} sockets, {look.tasks} tasks, {look.keys_without_ttl} keys without TTL; {errors}"
    )


def _summary(progress: Progress, options: argparse.Namespace, seconds: float, cpu_s: float) -> dict[str, Any]:
    operations = progress.cache_operations + progress.statements
    return {
        "library": "candlefish",
        "tasks": WORKERS,
        "tls": False,
        "loop": options.loop,
        "cache_operations": progress.cache_operations,
        "statements": progress.statements,
        "seconds": seconds,
        "ops_per_second": operations / seconds,
        "cpu_us_per_op": cpu_s / operations * 1e6,
        "faults": [fault.name for fault in FAULTS],
        "wrong": progress.wrong,
        "gave_up": progress.gave_up,
        "errors": count_unpromised(progress.errors),
        "error_kinds": progress.errors,
        "error_examples": progress.examples,
        "tasks_after_close": progress.tasks,
    }


def _render(summary: dict[str, Any], growth: Sequence[Growth]) -> str:
    figures = [
        (one.figure, number(one.median), number(one.grown), number(one.allowed), "GROWS" if one.grows else "")
        for one in growth
    ]
    head = ("figure", "median of the second half", "grown", "allowed", "")
    return f"{render_record(summary)}\n\n{render_table(head, figures)}"


def _kept(progress: Progress, growth: Sequence[Growth]) -> bool:
    clean = not progress.wrong and not count_unpromised(progress.errors)
    return clean and progress.closed and progress.tasks == 1 and not any(one.grows for one in growth)


if __name__ == "__main__":
    with told():
        sys.exit(main())
