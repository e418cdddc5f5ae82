"""What the fence costs: the reference application's load on the same cache with the fence and without it, in turns.

    python benchmarks/fence_cost.py --tier NAME [--json] [--rounds 5] [--seconds 15]

NAME is a tier in which `candlefish demo` has run. Each run begins with an empty Redis and a warm-up. At the end of a
run the memory of the fences is read: of every one there is, as Redis counts it.
"""

import argparse
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

import redis

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import ClosedLoop
from candlefish.bench.result import Run
from candlefish.bench.target import Target
from candlefish.cli.bench import WORKERS, WORKLOAD, find_reference
from candlefish.client.aside.fences import FENCES
from candlefish.demo.facts import fetch_root_pids
from candlefish.demo.targets import make_after
from candlefish.engines.stack import Stack, open_stack
from candlefish.engines.state import State, state_root
from harness.ending import told
from harness.progress import show_progress
from harness.rounds import take_turns
from harness.samples import spread
from harness.table import number, render_json, render_table

WITHOUT: Final = "without it"
WORKLOADS: Final = {"with the fence": WORKLOAD, WITHOUT: "loads.unfenced:operations"}
CLIENTS: Final = 16
WARM_UP_S: Final = 5.0

HEAD: Final = (
    "cache",
    "requests/s",
    "times without",
    "hit ratio",
    "refused fills",
    "read p50 ms",
    "write p50 ms",
    "fences",
    "their bytes",
)


def measure(stack: Stack, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Run both, round after round."""
    endpoints, roots = stack.endpoints(""), fetch_root_pids(stack)
    scale, _ = find_reference(endpoints.main_url)
    target = make_after(endpoints)
    server = redis.Redis.from_url(endpoints.redis_url)
    load = ClosedLoop(label="fence", clients=CLIENTS, seconds=given.seconds, warm_up_s=WARM_UP_S)
    runs: dict[str, list[Run]] = {name: [] for name in WORKLOADS}
    memory = dict.fromkeys(WORKLOADS, (0, 0))
    with show_progress(len(WORKLOADS) * given.rounds) as step:
        for round_number, name in take_turns(list(WORKLOADS), given.rounds):
            step(f"round {round_number}: {name}")
            server.flushall()
            runs[name].append(_run(WORKLOADS[name], scale, roots, target, load))
            memory[name] = max(memory[name], _fence_memory(server))
    plain = runs[WITHOUT]
    return [row_of(name, found, plain, memory[name]) for name, found in runs.items()]


def _run(workload: str, scale: float, roots: tuple[int, ...], target: Target, load: ClosedLoop) -> Run:
    with LoadGenerator(workload, settings={"scale": scale}, processes=WORKERS, cpu_roots=roots) as generator:
        return generator.run(target, load)


def _fence_memory(server: "redis.Redis") -> tuple[int, int]:
    """Return how many fences there are, and the bytes that they take."""
    sizes = [server.memory_usage(name) or 0 for name in server.scan_iter(match="*~fence:*", count=1000)]
    return len(sizes), sum(sizes)


def row_of(name: str, runs: Sequence[Run], plain: Sequence[Run], memory: tuple[int, int]) -> dict[str, Any]:
    """Return the medians of the rounds; of the throughput also as a ratio to the same round without the fence."""
    ratios = [run.served_rate / other.served_rate for run, other in zip(runs, plain, strict=True)]
    return {
        "cache": name,
        "requests_per_second": median(run.served_rate for run in runs),
        "times_without": median(ratios),
        "lowest_ratio": min(ratios),
        "highest_ratio": max(ratios),
        "hit_ratio": median(run.hit_ratio or 0.0 for run in runs),
        "refused_fills": sum(run.client.refused_fills for run in runs),
        "loads": sum(run.client.loads for run in runs),
        "errors": sum(run.errors for run in runs),
        "read_p50_ms": median(run.reads.p50_ms for run in runs),
        "write_p50_ms": median(run.writes.p50_ms for run in runs),
        "fences": memory[0],
        "fence_bytes": memory[1],
        "most_fences": FENCES,
        "clients": CLIENTS,
        "rounds": len(runs),
        "spread": spread([run.served_rate for run in runs]),
    }


def render(rows: Sequence[dict[str, Any]]) -> str:
    """Print the rows as a table."""
    names = (
        "requests_per_second",
        "times_without",
        "hit_ratio",
        "refused_fills",
        "read_p50_ms",
        "write_p50_ms",
        "fences",
        "fence_bytes",
    )
    return render_table(HEAD, [(row["cache"], *(number(row[name]) for name in names)) for row in rows])


def main() -> None:
    """Measure, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", required=True, metavar="NAME", help="a running tier with the demo's data")
    parser.add_argument("--rounds", type=int, default=5, help="in which each is measured once (default: 5)")
    parser.add_argument("--seconds", type=float, default=15.0, help="of one run, after its warm-up (default: 15)")
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of a table")
    given = parser.parse_args()
    with told():
        stack = open_stack(State(state_root() / given.tier))
        stack.require_running()
        rows = measure(stack, given)
    print(render_json(rows) if given.json else render(rows))


if __name__ == "__main__":
    main()
