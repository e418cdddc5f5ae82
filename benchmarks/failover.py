"""What an application sees when a part of its tier is lost under load.

    .venv/bin/python benchmarks/failover.py [--only redis-primary,postgres-primary] [--json]

The Redis primary is killed; all of Redis is stopped, and frozen, and comes back; the PostgreSQL primary is killed.
Every answer is checked against what the database has, every acknowledged write is looked for afterwards.
Exit code 1: a promise did not hold; stderr says which.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.cell_options import several
from harness.ending import told
from harness.faults import wait_until_whole
from harness.live_line import say
from harness.loops import LOOPS, run_on
from harness.record import render_record
from harness.table import render_json
from harness.tier import add_tier_options, open_database, open_tier, wait_for_replicas
from loads import primary_lost, redis_lost
from loads.facts import make_facts
from loads.ids import make_ids

Scenario = Callable[[Stack, Endpoints, dict[int, str]], Awaitable[dict[str, Any]]]

SCENARIOS: Final[dict[str, Scenario]] = {
    "redis-primary": redis_lost.kill_primary,
    "redis-stopped": redis_lost.stop_all,
    "redis-silent": redis_lost.freeze_all,
    "postgres-primary": primary_lost.kill_primary,
}

STALL_S: Final = 3.0
"""The promise: no call takes longer while the Redis primary is replaced."""

ADDED_MS: Final = 2.0
"""The promise: what a call takes besides its load once the circuit is open."""


def main() -> int:
    """Go through the scenarios, print, and tell whether the promises were kept."""
    options = _parse(sys.argv[1:])
    with open_tier(options.tier, options.port_base, say) as stack, open_database(stack) as endpoints:
        expected = make_facts(endpoints.main_url)
        make_ids(endpoints.main_url)
        wait_for_replicas(stack)
        rows = [run_on(options.loop, _go_through(name, stack, endpoints, expected)) for name in options.only]
    broken = [f"{row['scenario']}: {what}" for row in rows for what in _broken(row)]
    print(render_json(rows) if options.json else "\n\n".join(map(render_record, rows)))
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a scenario")
    parser.add_argument(
        "--only", type=several(_scenario), default=list(SCENARIOS), help=f"those alone, of {','.join(SCENARIOS)}"
    )
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0])
    add_tier_options(parser)
    return parser.parse_args(words)


def _scenario(text: str) -> str:
    if text not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(SCENARIOS)}")
    return text


async def _go_through(name: str, stack: Stack, endpoints: Endpoints, expected: dict[int, str]) -> dict[str, Any]:
    """Run one scenario on a whole tier, and leave the tier whole."""
    say(name)
    row = await SCENARIOS[name](stack, endpoints, expected)
    say(f"{name}: waiting until the tier is whole")
    return row | {"healed": await asyncio.to_thread(wait_until_whole, stack)}


def _broken(row: dict[str, Any]) -> Iterator[str]:
    """Give every promise that a row breaks."""
    if row["errors"]:
        yield f"{row['errors']} exceptions reached the application that are not promised: {row['error_examples']}"
    if row["wrong"]:
        yield f"{row['wrong']} answers were wrong"
    yield from _broken_by_postgres(row) if "acknowledged" in row else _broken_by_redis(row)


def _broken_by_redis(row: dict[str, Any]) -> Iterator[str]:
    if row["longest_call_s"] >= STALL_S:
        yield f"a call took {row['longest_call_s']:.1f} s"
    if not row["hits_came_back"]:
        yield "no hit came back"
    if row.get("added_p99_ms", 0.0) is None:
        yield "the circuit did not open"
    elif row.get("added_p99_ms", 0.0) >= ADDED_MS:
        yield f"{row['added_p99_ms']:.1f} ms were added to a call (p99)"


def _broken_by_postgres(row: dict[str, Any]) -> Iterator[str]:
    for fate in ("acknowledged_and_lost", "doubled", "refused_but_written"):
        if row[fate]:
            yield f"{row[fate]} writes were {fate.replace('_', ' ')}"
    if not row["writes_came_back"]:
        yield "no write was taken again"


if __name__ == "__main__":
    with told():
        sys.exit(main())
