"""What stays stale in the cache when loads and writes are raced on purpose, on the real PostgreSQL and Redis.

    .venv/bin/python benchmarks/staleness.py [--json] [--libraries candlefish,cashews] [--scenarios PART,PART]

500 keys a scenario; both replicas are 200 ms behind (recovery_min_apply_delay). Afterwards what each key has in the
cache is compared with the primary. A row is printed when it is done. Exit code 1: candlefish left a stale key.
"""

import argparse
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import psycopg

from candlefish.engines.stack import Stack
from candlefish.errors import EngineError
from harness.behind import replicas_behind, wait_until_behind
from harness.cell_options import add_common, several
from harness.deeds import run_with_deeds
from harness.ending import told
from harness.failovers import Failovers
from harness.faults import wait_until_whole
from harness.followed import followed
from harness.fresh import FreshFailed
from harness.live_line import say
from harness.peers_environment import peers_python
from harness.progress import show_progress
from harness.redis_server import redis_server
from harness.table import render_json, render_table
from harness.tier import add_tier_options, open_database, open_tier, wait_for_replicas
from peers.entries import Entry
from peers.race import LAG_S
from peers.races import POSTGRES_LOST, REDIS_LOST, SCENARIOS, RaceJob, RaceResult

ENTRIES: Final = (
    Entry("cashews", "default", "cashews"),
    Entry("cashews", "lock=True", "cashews", {"lock": True}),
    Entry("aiocache", "cached", "aiocache"),
    Entry("aiocache", "cached_stampede", "aiocache", {"lease_s": 2.0}),
    Entry("dogpile.cache", "distributed lock", "dogpile"),
    Entry("candlefish", "default", "candlefish"),
)

COUNTS: Final = ("stale", "hit_ratio", "refused_fills", "unknown_commits", "unanswered")
HEAD: Final = ("library", "setting", "scenario", "keys", *(name.replace("_", " ") for name in COUNTS))

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
        turns = [(scenario, entry) for scenario in options.scenarios for entry in options.entries]
        with replicas_behind(stack, LAG_S), show_progress(len(turns)) as step:
            for scenario, entry in turns:
                step(f"{scenario}: {entry.label}")
                job = RaceJob(
                    entry, scenario, server.plain.into(ENTRIES.index(entry)), endpoints.sentinel_url,
                    endpoints.main_url, list(endpoints.read_urls), endpoints.admin_url, options.keys, options.seed,
                )  # fmt: skip
                rows.append(_race(python, job, stack))
                if options.json:
                    print(render_json(rows[-1:]), flush=True)
    if not options.json:
        print(_render(rows))
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


def _race(python: Path, job: RaceJob, stack: Stack) -> dict[str, Any]:
    facts = {"library": job.entry.library, "setting": job.entry.setting, "scenario": job.scenario, "keys": job.keys}
    began, deeds = time.monotonic(), Failovers(stack).deeds()
    try:
        with _follower(job):
            row = asdict(run_with_deeds(python, "peers.races:run", job, RaceResult, deeds, timeout_s=TIMEOUT_S))
        facts |= row | {"hit_ratio": round(row["kept"] / job.keys, 3)}
        del facts["kept"]
    except FreshFailed as error:
        if job.entry.library == "candlefish":
            raise
        facts |= dict.fromkeys(COUNTS) | {"error": str(error)}
    facts["seconds"] = round(time.monotonic() - began, 1)
    if job.scenario in (POSTGRES_LOST, REDIS_LOST):
        _heal(stack)
    return facts


def _follower(job: RaceJob) -> AbstractContextManager[None]:
    """Run the follower where the scenario has one and the library is ours."""
    if not SCENARIOS[job.scenario].followed or job.entry.library != "candlefish":
        return nullcontext()
    return followed(job.admin_url, job.door.url(), table="shelf", column="key")


def _heal(stack: Stack) -> None:
    """Wait until the tier is as it was before a failover."""
    if not wait_until_whole(stack):
        raise EngineError("the tier did not become whole again")
    wait_until_behind(stack, LAG_S)


def _render(rows: list[dict[str, Any]]) -> str:
    names = ("library", "setting", "scenario", "keys", *COUNTS)
    return render_table(HEAD, [[str(row[name]) for name in names] for row in rows])


if __name__ == "__main__":
    sys.exit(main())
