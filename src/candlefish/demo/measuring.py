"""The measured runs of the demo, all from one load generator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Self

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import OpenLoop
from candlefish.bench.pgbench import PgbenchLoad, Script, run_pgbench
from candlefish.bench.redis_benchmark import run_redis_benchmark
from candlefish.bench.result import Probe, Run
from candlefish.bench.sustained import Search, find_sustained_rate
from candlefish.bench.target import Target
from candlefish.demo import ablation, facts, settle, targets
from candlefish.demo.figures import After, Before
from candlefish.demo.online import optimise_online
from candlefish.demo.phases import (
    CACHE_OPS_LIMIT_S,
    CACHE_OPS_S,
    IN_TIME_S,
    MEASURE_S,
    PART_S,
    PART_WARM_UP_S,
    SEARCH_BUDGET_S,
    SETTLE_S,
    SUSTAIN_S,
    WARM_UP_S,
    Clock,
)
from candlefish.demo.result import AblationRow, OnlineOptimisation
from candlefish.demo.sampler import Sampler
from candlefish.engines.stack import Stack

WORKLOAD = "candlefish.demo.operations:operations"

GROWTH = 10
"""The promise: ten times the load within the same objectives."""

GUESS_S, NARROW_S = 4.0, 6.0
"""Length of the closed loop that guesses the capacity, and of each rate tried before the one that is confirmed."""

WORKERS = 2
"""Processes of the load generator: one could not reach ten times R, more would take the tier's cores."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the runs are (seconds): Before at R, the warm-up, After at R and again at 10 R, and the rest."""

    sustain_s: float = SUSTAIN_S
    warm_up_s: float = WARM_UP_S
    measure_s: float = MEASURE_S
    search_s: float = SEARCH_BUDGET_S
    part_s: float = PART_S
    part_warm_up_s: float = PART_WARM_UP_S
    cache_ops_s: float = CACHE_OPS_S

    def scaled(self, factor: float) -> Self:
        """Return all lengths times a factor, so that a short demo is short throughout."""
        return replace(self, **{field.name: getattr(self, field.name) * factor for field in fields(self)})


class Measuring:
    """Measures Before, the change and After on one tier; use it with `with`."""

    def __init__(self, stack: Stack, workload: Mapping[str, object], lengths: Lengths, clock: Clock) -> None:
        self._stack, self._lengths, self._clock = stack, lengths, clock
        self._endpoints = stack.endpoints()
        self._roots = facts.fetch_root_pids(stack)
        self._generator = LoadGenerator(WORKLOAD, settings=workload, processes=WORKERS, cpu_roots=self._roots)
        self._rate = 0.0

    def __enter__(self) -> Self:
        self._generator.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._generator.close()

    def measure_before(self) -> Before:
        """Find R, and Before's figures at R."""
        lengths = self._lengths
        search = Search(
            in_time_s=IN_TIME_S,
            guess_s=min(GUESS_S, lengths.sustain_s),
            narrow_s=min(NARROW_S, lengths.sustain_s),
            confirm_s=lengths.sustain_s,
            budget_s=lengths.search_s,
        )
        with self._clock.phase("before", "before: looking for R"), Sampler(self._stack.tier) as sampler:
            found = find_sustained_rate(self._generator, targets.make_before(self._stack), search, self._tell_probe)
        self._rate = found.rate
        return Before(replace(found, run=replace(found.run, label="before, at R")), sampler.samples)

    def optimise(self) -> OnlineOptimisation:
        """Optimise the database while Before's load goes on, and wait for the replicas."""
        with self._clock.phase("optimise", "optimising the database while the load runs"):
            optimisation = optimise_online(self._stack, self._generator, self._rate, self._clock)
            settle.settle(self._stack, SETTLE_S)
        return optimisation

    def measure_after(self) -> After:
        """Fill the empty cache at ten times R, then measure After at R and at ten times R."""
        target, rate, length = targets.make_after(self._endpoints), self._rate, self._lengths.measure_s
        settle.empty_cache(self._stack)
        self._generator.forget_cache()
        with self._clock.phase("warm-up", f"after: warming up at {rate * GROWTH:g} requests a second (10 R)"):
            warm_up = self._run(target, "warm-up", rate * GROWTH, self._lengths.warm_up_s, warm_up_s=0.0)
        with (
            self._clock.phase("after", f"after: {rate:g} requests a second (R) for {length:g} s"),
            Sampler(self._stack.tier) as at_rate,
        ):
            after = self._run(target, "after, at R", rate, length)
        with (
            self._clock.phase("after at 10 R", f"after: {rate * GROWTH:g} requests a second (10 R)"),
            Sampler(self._stack.tier) as tenfold,
        ):
            after_10x = self._run(target, "after, at 10 R", rate * GROWTH, length)
        return After(warm_up, after, after_10x, at_rate.samples, tenfold.samples)

    def measure_cache_ops(self) -> float:
        """Return the operations a second of redis-benchmark beside the load at R; of SET and GET, the slower."""
        target = targets.make_after(self._endpoints)
        load = OpenLoop(label="beside", rate=self._rate, seconds=CACHE_OPS_LIMIT_S, warm_up_s=0.0)
        with self._clock.phase("cache operations", "redis-benchmark beside the load at R"):
            self._generator.start(target, load, self._clock.tick)
            try:
                figures = run_redis_benchmark(self._endpoints.redis_url, seconds=self._lengths.cache_ops_s)
            finally:
                self._generator.stop()
                self._generator.wait()
        return min(one.ops_per_second for one in figures)

    def measure_parts_before(self) -> list[AblationRow]:
        """Measure the parts of the ablation that need the database as it started."""
        with self._clock.phase("ablation", "ablation: pooling, replicas and cache alone"):
            return list(ablation.measure_before_optimising(self._stack, self._endpoints, self._measure_part))

    def measure_parts_after(self) -> list[AblationRow]:
        """Measure the part of the ablation that needs the optimised database."""
        with self._clock.phase("ablation", "ablation: indexes alone"):
            return list(ablation.measure_after_optimising(self._stack, self._measure_part))

    def measure_scripts(self, scripts: Sequence[Script]) -> Run:
        """Run a user's pgbench scripts through the pooler, as fast as their clients can."""
        load = PgbenchLoad(label="scripts", seconds=self._lengths.measure_s)
        with self._clock.phase("scripts", f"pgbench: {len(scripts)} scripts for {load.seconds:g} s"):
            return run_pgbench(self._endpoints.main_url, scripts, load, self._roots)

    def _measure_part(self, target: Target, label: str) -> Run:
        lengths = self._lengths
        return self._run(target, label, self._rate, lengths.part_s, warm_up_s=lengths.part_warm_up_s)

    def _run(self, target: Target, label: str, rate: float, seconds: float, warm_up_s: float = 2.0) -> Run:
        load = OpenLoop(label=label, rate=rate, seconds=seconds, warm_up_s=warm_up_s, in_time_s=IN_TIME_S)
        return self._generator.run(target, load, self._clock.tick)

    def _tell_probe(self, text: str, probe: Probe | None) -> None:
        """Keep what came of a rate on the screen; what is tried now passes."""
        tell = self._clock.narrator.step if probe else self._clock.narrator.tick
        tell(f"before: {text}")
