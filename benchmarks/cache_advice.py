"""What `candlefish cache advise` predicts on two real traces, beside what the real Redis does with them.

    .venv/bin/python benchmarks/cache_advice.py --folder FOLDER [--traces NAMES] [--lookups N] [--seconds N] [--json]

FOLDER has web12.trace.xz and orm-busy.trace.xz, of simulator/src/main/resources in github.com/ben-manes/caffeine. The
first lookups of each are replayed at a steady pace, with memory for 1 % and for 10 % of their objects, under LRU and
LFU. Predictions are made from all keys, and from a tenth of them as in a recording. Exit code 1: one from all keys is
off by more than 2 points; 2: a trace is missing.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

from candlefish.advise.cache.accesses import Accesses, take_first, thin
from candlefish.advise.cache.ceiling import measure_ceiling
from candlefish.advise.cache.check import check
from candlefish.advise.cache.load import Source, load_accesses
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.server import Setting
from candlefish.advise.cache.simulate import simulate
from harness.cell_options import several
from harness.ending import told
from harness.live_line import say
from harness.table import render_json, render_table

TRACES: Final = ("web12", "orm-busy")
SHARES: Final = (0.01, 0.1)
POLICIES: Final[tuple[PolicyName, ...]] = ("allkeys-lru", "allkeys-lfu")

SAMPLE: Final = 10
"""One key of so many is what `Recorder` notes by default."""

HEAD: Final = (
    "trace", "lookups", "objects", "memory", "policy", "predicted", "from a tenth", "redis-server", "difference", "",
)  # fmt: skip


def main() -> int:
    """Predict, replay, print, and tell whether every prediction held."""
    options = _parse()
    with told():
        rows = [row for trace in options.traces for row in _measure(trace, options.lookups, options.seconds)]
    say("")
    print(render_json(rows) if options.json else _render(rows))
    return int(not all(row["holds"] for row in rows))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the two traces are")
    parser.add_argument("--traces", type=several(str), default=list(TRACES), help=f"of {','.join(TRACES)}")
    parser.add_argument("--lookups", type=int, default=600_000, help="of each trace, the first ones (%(default)s)")
    parser.add_argument("--seconds", type=float, default=120, help="in which they are replayed (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of a table")
    given = parser.parse_args()
    given.traces = [given.folder / f"{name}.trace.xz" for name in given.traces]
    for trace in given.traces:
        if not trace.exists():
            parser.error(f"{trace} is missing: take it from github.com/ben-manes/caffeine, simulator")
    return given


def _measure(trace: Path, lookups: int, seconds: float) -> Iterator[dict[str, Any]]:
    accesses = _load(trace, lookups, seconds)
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=False)
    ceiling = measure_ceiling(accesses, None)
    cells = list(product(SHARES, POLICIES))
    settings = [Setting(footprint.of_keys(accesses.objects * share), policy) for share, policy in cells]
    checked = asyncio.run(check(accesses, settings, lambda done: say(f"{trace.stem}: {done:.0%} replayed")))
    sample = thin(accesses, len(accesses) // SAMPLE)
    for (share, policy), setting, one in zip(cells, settings, checked, strict=True):
        sampled = replace(setting, data_bytes=round(setting.data_bytes * sample.sample_ratio))
        yield {
            "trace": trace.name.partition(".")[0],
            "lookups": len(accesses),
            "objects": accesses.objects,
            "seconds": one.seconds,
            "share": share,
            "policy": policy,
            "data_bytes": one.data_bytes,
            "predicted": one.predicted,
            "predicted_from_a_tenth": simulate(sample, sampled).hit_ratio,
            "measured": one.measured,
            "points": one.points,
            "holds": one.holds,
            "ceiling": ceiling,
            "predicted_keys": one.predicted_keys,
            "measured_keys": one.measured_keys,
            "evicted": one.evicted,
            "late_s": one.late_s,
            "redis_version": one.redis_version,
        }


def _load(trace: Path, lookups: int, seconds: float) -> Accesses:
    """Return the first lookups of a trace, spread over the seconds."""
    whole = len(load_accesses([trace], Source("int32be", rate=1)).accesses)
    rate = min(lookups, whole) / seconds
    return take_first(load_accesses([trace], Source("int32be", rate=rate)).accesses, lookups)


def _render(rows: list[dict[str, Any]]) -> str:
    return render_table(
        HEAD,
        [
            [
                row["trace"],
                f"{row['lookups']:,}",
                f"{row['objects']:,}",
                f"{row['share']:.0%}",
                row["policy"],
                f"{row['predicted']:.2%}",
                f"{row['predicted_from_a_tenth']:.2%}",
                f"{row['measured']:.2%}",
                f"{row['points']:+.2f}",
                "holds" if row["holds"] else "is off",
            ]
            for row in rows
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
