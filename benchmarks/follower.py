"""Whether the cache follower keeps up with the database, and how soon a committed change is gone from Redis.

    .venv/bin/python benchmarks/follower.py [--seconds 60] [--only keeps-up,delay,local] [--json]

keeps-up: 10,000 row changes a second, in transactions of 20 rows. delay: 1,000 changes a second, a transaction each.
local: the same, until a row has left the local tier of two other processes, which serve lookups meanwhile.
Every key is kept before, and none may be left. Exit code 1: a promise did not hold; stderr says which.
"""

import argparse
import asyncio
import sys
import time
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any, Final

import psutil

from candlefish import Cache
from candlefish.changes.slot import drop
from candlefish.changes.source import Source
from candlefish.endpoints import Endpoints
from candlefish.plan.objectives import find_objective
from harness.cell_options import several
from harness.ending import told
from harness.follower import Follower, following
from harness.forgotten import Forgotten, open_forgotten
from harness.fresh import run_fresh
from harness.live_line import say
from harness.loops import run_on
from harness.record import render_record
from harness.samples import percentile
from harness.table import render_json
from harness.tier import add_tier_options, database_name, open_database, open_tier
from loads.local_readers import DONE, FILLED, HANDSHAKE, Watch, name_ready
from loads.row_changes import Rate, change, fill

PREFIX: Final = "bench:"

ROWS: Final = 100_000
"""Rows of the table, each with a key in the cache."""

PROCESSES: Final = 2
"""With a local tier each."""

LOOK_S: Final = 0.1

CATCH_UP_S: Final = 120.0
"""Seconds after which a follower that has not dealt with everything will not do so."""

KEPT_UP_S: Final = 5.0
"""The promise: so soon after the last commit the follower has dealt with all of them. It tells each second."""

Scenario = Callable[[Endpoints, Follower, Forgotten, float], Awaitable[dict[str, Any]]]


async def measure_keeping_up(urls: Endpoints, follower: Follower, gone: Forgotten, seconds: float) -> dict[str, Any]:
    """Change 10,000 rows a second; the lag is what the follower tells of itself, each second."""
    rate = Rate(10_000, 20, 8, seconds)
    process = psutil.Process(follower.pid)
    before, cpu = len(follower.told), sum(process.cpu_times()[:2])
    took_s = await change(urls.admin_url, rate, ROWS, lambda *_: None)
    ended = time.perf_counter()
    wanted = rate.transactions * rate.rows_in_transaction
    await follower.until(wanted, CATCH_UP_S)
    looks = [told for told in follower.told[before:] if told["rows"]]
    lags_s = [told["lag_s"] for told in looks]
    return {
        "row_changes": wanted,
        "transactions": rate.transactions,
        "took_s": round(took_s, 2),
        "row_changes_per_second": round(wanted / took_s),
        "dealt_with_after_s": round(time.perf_counter() - ended, 2),
        "lag_s_max": max(lags_s),
        "lag_mb_max": round(max(told["lag_bytes"] for told in looks) / 1e6, 2),
        "lag_s_by_second": lags_s,
        "follower_cpu_s": round(sum(process.cpu_times()[:2]) - cpu, 1),
        "keys_left": await gone.count(f"{PREFIX}item:{row}" for row in range(ROWS)),
    }


async def measure_delay(urls: Endpoints, follower: Follower, gone: Forgotten, seconds: float) -> dict[str, Any]:
    """Change 1,000 rows a second, each once; the delay is from a commit's reply to Redis's push that its key is gone.

    It is 0 for a key that was gone before the reply came; `from_statement` is from the sending of the update.
    """
    rate = Rate(1_000, 1, 16, min(seconds, ROWS / 1_000))
    sent, answered = dict[str, float](), dict[str, float]()

    def note(ids: list[int], at: float, replied: float) -> None:
        key = f"{PREFIX}item:{ids[0]}"
        sent[key], answered[key] = at, replied

    listening = asyncio.create_task(gone.listen())
    took_s = await change(urls.admin_url, rate, ROWS, note)
    await follower.until(rate.transactions, CATCH_UP_S)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    found = [key for key in answered if key in gone.at]
    after_ms = sorted(max(0.0, gone.at[key] - answered[key]) * 1e3 for key in found)
    statement_ms = sorted((gone.at[key] - sent[key]) * 1e3 for key in found)
    commit_ms = sorted((answered[key] - sent[key]) * 1e3 for key in found)
    return {
        "row_changes": rate.transactions,
        "took_s": round(took_s, 2),
        "row_changes_per_second": round(rate.transactions / took_s),
        "from_reply_ms": _spread(after_ms),
        "from_statement_ms": _spread(statement_ms),
        "commit_ms": _spread(commit_ms),
        "gone_before_the_reply": round(sum(1 for value in after_ms if not value) / len(after_ms), 3),
        "keys_left": len(answered) - len(found),
    }


async def measure_local(urls: Endpoints, follower: Follower, _: Forgotten, seconds: float) -> dict[str, Any]:
    """Change 1,000 rows a second, each once; the delay is until a row has left the local tier of every process."""
    rate = Rate(1_000, 1, 16, min(seconds, ROWS / 1_000))
    jobs = [Watch(urls.redis_url, PREFIX, number, rate.transactions) for number in range(PROCESSES)]
    python, program = Path(sys.executable), "loads.local_readers:watch"
    answered = dict[int, float]()
    async with Cache(urls.redis_url, prefix=HANDSHAKE) as talk:
        await talk.delete(FILLED, DONE, *(name_ready(job.number) for job in jobs))  # of an earlier run
        watching = [asyncio.create_task(asyncio.to_thread(run_fresh, python, program, job, str)) for job in jobs]
        for name in [name_ready(job.number) for job in jobs]:
            while await talk.get(name) is None:
                await asyncio.wait(watching, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                for task in watching:
                    if task.done():
                        task.result()
        took_s = await change(urls.admin_url, rate, ROWS, lambda ids, _, replied: answered.update({ids[0]: replied}))
        await follower.until(rate.transactions, CATCH_UP_S)
        await asyncio.sleep(1.0)
        await talk.set(DONE, 1)
        left = [_take_times(Path(name)) for name in await asyncio.gather(*watching)]
    everywhere = {row: max(times[row] for times in left) for row in answered}
    after_ms = sorted(max(0.0, at - answered[row]) * 1e3 for row, at in everywhere.items() if at < inf)
    return {
        "row_changes": rate.transactions,
        "processes": PROCESSES,
        "took_s": round(took_s, 2),
        "row_changes_per_second": round(rate.transactions / took_s),
        "from_reply_ms": _spread(after_ms),
        "gone_before_the_reply": round(sum(1 for value in after_ms if not value) / len(after_ms), 3),
        "keys_left": len(answered) - len(after_ms),
    }


def _take_times(file: Path) -> Sequence[float]:
    times = array("d", file.read_bytes())
    file.unlink()
    return times


def _spread(ordered: list[float]) -> dict[str, float]:
    return {
        "p50": round(percentile(ordered, 0.50), 2),
        "p99": round(percentile(ordered, 0.99), 2),
        "max": round(ordered[-1], 2),
    }


SCENARIOS: Final[dict[str, Scenario]] = {
    "keeps-up": measure_keeping_up,
    "delay": measure_delay,
    "local": measure_local,
}


def main() -> int:
    """Go through the scenarios, print, and tell whether the promises were kept."""
    options = _parse(sys.argv[1:])
    rows = []
    with open_tier(options.tier, options.port_base, say) as stack:
        for name in options.only:
            say(name)
            with open_database(stack) as urls:
                rows.append(run_on("uvloop", _go_through(name, urls, options.seconds)))
    broken = [f"{row['scenario']}: {what}" for row in rows for what in _broken(row)]
    print(render_json(rows) if options.json else "\n\n".join(map(render_record, rows)))
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a scenario")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each load (default: %(default)s)")
    parser.add_argument(
        "--only", type=several(_scenario), default=list(SCENARIOS), help=f"those alone, of {','.join(SCENARIOS)}"
    )
    add_tier_options(parser)
    return parser.parse_args(words)


def _scenario(text: str) -> str:
    if text not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(SCENARIOS)}")
    return text


async def _go_through(name: str, urls: Endpoints, seconds: float) -> dict[str, Any]:
    await fill(urls.admin_url, ROWS)
    slot = database_name(urls)
    try:
        async with (
            open_forgotten(urls.redis_url, PREFIX) as gone,
            following(urls.admin_url, urls.redis_url, PREFIX, slot) as follower,
        ):
            await follower.until_it_reads()
            await gone.fill(f"{PREFIX}item:{row}" for row in range(ROWS))
            return {"scenario": name, **await SCENARIOS[name](urls, follower, gone, seconds)}
    finally:
        await asyncio.to_thread(drop, Source(urls.admin_url, slot, slot))


def _broken(row: dict[str, Any]) -> Iterator[str]:
    """Give every promise that a row breaks."""
    if row["keys_left"]:
        yield f"{row['keys_left']} keys were not forgotten"
    if row.get("dealt_with_after_s", 0.0) > KEPT_UP_S:
        yield f"the last change was dealt with {row['dealt_with_after_s']} s after its commit"
    limit_ms = find_objective("invalidation_p99").target or 0
    if "from_reply_ms" in row and row["from_reply_ms"]["p99"] >= limit_ms:
        yield f"the p99 of the delay is {row['from_reply_ms']['p99']} ms"


if __name__ == "__main__":
    with told():
        sys.exit(main())
