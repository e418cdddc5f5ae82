"""What stays stale in the cache when loads and writes are raced on purpose, on the real PostgreSQL and Redis.

    .venv/bin/python benchmarks/staleness.py [--json] [--libraries candlefish,cashews] [--scenarios PART,PART]

500 keys a scenario; both replicas are 200 ms behind (recovery_min_apply_delay). Afterwards what each key has in the
cache is compared with the primary. Exit code 1: candlefish left a stale key.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import psycopg

from candlefish import process
from candlefish.engines import databases, patroni
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode
from harness.cell_options import add_common, several
from harness.ending import told
from harness.faults import postgres_replicas
from harness.fresh import FreshFailed, run_fresh
from harness.live_line import say
from harness.peers_environment import peers_python
from harness.redis_server import redis_server
from harness.table import render_json, render_table
from harness.tier import add_tier_options, open_database, open_tier, wait_for_replicas
from peers.entries import Entry
from peers.races import LAG_S, SCENARIOS, RaceJob, RaceResult

ENTRIES: Final = (
    Entry("cashews", "default", "cashews"),
    Entry("cashews", "lock=True", "cashews", {"lock": True}),
    Entry("aiocache", "cached", "aiocache"),
    Entry("aiocache", "cached_stampede", "aiocache", {"lease_s": 2.0}),
    Entry("dogpile.cache", "distributed lock", "dogpile"),
    Entry("candlefish", "default", "candlefish"),
)

HEAD: Final = ("library", "setting", "scenario", "keys", "stale", "hit ratio", "refused fills")

DELAYED_S: Final = 60.0
"""Within which Patroni has told the replicas of a setting: it looks every ten seconds."""

TIMEOUT_S: Final = 600.0
"""Of one row: most of it is waiting for replicas."""


def main() -> int:
    """Race, print, and tell whether candlefish left anything stale."""
    options = _parse()
    with (
        told(),
        open_tier(options.tier, options.port_base, say) as stack,
        open_database(stack) as endpoints,
        redis_server(options.port) as server,
    ):
        with psycopg.connect(endpoints.main_url, autocommit=True, prepare_threshold=None) as connection:
            connection.execute("create table shelf (key text, part int, count int, primary key (key, part))")
        wait_for_replicas(stack)
        python, rows = peers_python(), []
        with replicas_behind(stack):
            for scenario in options.scenarios:
                for number, entry in enumerate(options.entries):
                    job = RaceJob(
                        entry, scenario, server.plain.into(number), endpoints.main_url, list(endpoints.read_urls),
                        options.keys, options.seed,
                    )  # fmt: skip
                    say(f"{scenario}: {entry.label}")
                    rows.append(_race(python, job))
    print(render_json(rows) if options.json else _render(rows))
    return int(any(row["stale"] for row in rows if row["library"] == "candlefish"))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=500, help="a scenario (default %(default)s)")
    parser.add_argument("--libraries", type=several(str), default=[], help="those alone, such as cashews,candlefish")
    parser.add_argument("--scenarios", type=several(str), default=[], help="those whose name has one of these in it")
    parser.add_argument("--seed", type=int, default=1)
    add_common(parser)
    add_tier_options(parser)
    given = parser.parse_args()
    parts = given.scenarios
    given.scenarios = [name for name in SCENARIOS if not parts or any(part in name for part in parts)]
    given.entries = [entry for entry in ENTRIES if not given.libraries or entry.library in given.libraries]
    if not given.scenarios or not given.entries:
        parser.error(f"nothing is chosen; the scenarios are: {'; '.join(SCENARIOS)}")
    return given


def _race(python: Path, job: RaceJob) -> dict[str, Any]:
    facts = {"library": job.entry.library, "setting": job.entry.setting, "scenario": job.scenario, "keys": job.keys}
    began = time.monotonic()
    try:
        result = run_fresh(python, "peers.races:run", job, RaceResult, timeout_s=TIMEOUT_S)
    except FreshFailed as error:
        if job.entry.library == "candlefish":
            raise
        return {**facts, "stale": None, "hit_ratio": None, "refused_fills": None, "error": str(error)}
    row = asdict(result)
    ratio = row.pop("kept") / job.keys
    return {**facts, **row, "hit_ratio": round(ratio, 3), "seconds": round(time.monotonic() - began, 1)}


@contextmanager
def replicas_behind(stack: Stack) -> Iterator[None]:
    """Have every replica replay each commit LAG_S later."""
    delay_ms = round(LAG_S * 1000)
    _delay(stack, delay_ms)
    try:
        nodes = postgres_replicas(stack)
        if not process.wait_until(
            lambda: all(_delay_of(stack, node) == delay_ms for node in nodes), timeout_s=DELAYED_S
        ):
            raise EngineError(f"the replicas did not take a delay of {delay_ms} ms in {DELAYED_S:g} s")
        yield
    finally:
        _delay(stack, None)


def _delay(stack: Stack, delay_ms: int | None) -> None:
    """Set it through Patroni, which takes it out of postgresql.auto.conf."""
    delay = None if delay_ms is None else f"{delay_ms}ms"
    config = {"postgresql": {"recovery_conf": {"recovery_min_apply_delay": delay}}}
    patroni._tell(stack.require_primary(), "PATCH", "config", config, stack.tier.secrets)  # noqa: SLF001 - a fault


def _delay_of(stack: Stack, node: PostgresNode) -> int:
    with databases.connect(node, stack.tier.secrets) as connection:
        cursor = connection.execute("select setting from pg_settings where name = 'recovery_min_apply_delay'")
        return int(str(next(cursor)[0]))


def _render(rows: list[dict[str, Any]]) -> str:
    names = ("library", "setting", "scenario", "keys", "stale", "hit_ratio", "refused_fills")
    return render_table(HEAD, [[str(row[name]) for name in names] for row in rows])


if __name__ == "__main__":
    sys.exit(main())
