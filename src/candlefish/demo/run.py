"""`candlefish demo` read aloud: up, load, before, optimise while the load runs, warm up, after, ten times R."""

import asyncio
from dataclasses import dataclass

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import OpenLoop
from candlefish.bench.redis_benchmark import run_redis_benchmark
from candlefish.bench.result import Run
from candlefish.bench.sustained import Search, Sustained, find_sustained_rate
from candlefish.bench.target import Target
from candlefish.demo import ablation, dataset, facts, figures, settle, targets
from candlefish.demo.online import optimise_online
from candlefish.demo.ownership import claim_database
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
    Narrator,
)
from candlefish.demo.result import AblationRow, DemoResult, OnlineOptimisation
from candlefish.demo.sampler import Sampler, Samples
from candlefish.engines.stack import Stack

WORKLOAD = "candlefish.demo.operations:operations"

GROWTH = 10
"""The promise: ten times the load within the same objectives."""

WORKERS = 2
"""Processes of the load generator: one could not reach ten times R, more would take the tier's cores."""


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What a user may choose: the data's size and seed, the length of runs (seconds), the ablation."""

    scale: float = 1.0
    seed: int = 1
    measure_s: float = MEASURE_S
    sustain_s: float = SUSTAIN_S
    warm_up_s: float = WARM_UP_S
    ablation: bool = False


def run_demo(stack: Stack, settings: DemoSettings, narrator: Narrator) -> DemoResult:
    """Bring the tier up, load, measure Before, optimise, measure After; return every figure.

    Raises UsageError when the database holds tables that the demo did not make.
    """
    clock = Clock(narrator)
    with clock.phase("up", "bringing the tier up"):
        stack.up()
        claim_database(stack.endpoints().admin_url)
    surroundings = facts.read_surroundings(stack.tier)
    with clock.phase("load", f"loading the reference application at scale {settings.scale:g}"):
        loaded = _load(stack, settings, clock)
    demo = _Demo(stack, settings, clock)
    with demo.generator:
        found, before_samples = demo.measure_before()
        optimisation = demo.optimise(found.rate)
        warm_up, after, after_10x, after_samples = demo.measure_after(found.rate)
        cache_ops_rate = demo.measure_cache_ops(found.rate)
        demo.finish_ablation(found.rate)
    return figures.make_result(
        figures.Measured(
            surroundings=surroundings,
            loaded=loaded,
            size_bytes=facts.fetch_size_bytes(stack),
            found=found,
            before_samples=before_samples,
            optimisation=optimisation,
            warm_up=warm_up,
            after=after,
            after_10x=after_10x,
            after_samples=after_samples,
            cache_ops_rate=cache_ops_rate,
            indexes=facts.fetch_index_use(stack),
            parts=tuple(demo.parts),
            phases=tuple(clock.passed),
        ),
        stack.plan,
    )


def _load(stack: Stack, settings: DemoSettings, clock: Clock) -> dataset.LoadSummary:
    """Fill the database, wait for the replicas, and forget what an earlier demo left in the cache."""
    loading = dataset.load(
        stack.endpoints().admin_url,
        scale=settings.scale,
        seed=settings.seed,
        replace=True,
        progress=clock.narrator.tick,
    )
    loaded = asyncio.run(loading)
    clock.narrator.step(f"{loaded.total_rows:,} rows in {loaded.seconds:.1f} s; waiting for the replicas")
    settle.settle(stack, SETTLE_S)
    settle.empty_cache(stack)
    return loaded


class _Demo:
    """The measuring: one load generator for all runs."""

    def __init__(self, stack: Stack, settings: DemoSettings, clock: Clock) -> None:
        self.parts: list[AblationRow] = []
        self.generator = LoadGenerator(
            WORKLOAD,
            settings={"scale": settings.scale, "seed": settings.seed},
            processes=WORKERS,
            cpu_roots=facts.fetch_root_pids(stack),
        )
        self._stack, self._settings, self._clock = stack, settings, clock
        self._endpoints = stack.endpoints()

    def measure_before(self) -> tuple[Sustained, Samples]:
        """Find R and Before's figures at R; with the ablation, also the parts that need the old database."""
        search = Search(confirm_s=self._settings.sustain_s, budget_s=SEARCH_BUDGET_S)
        target = targets.make_before(self._stack)
        with self._clock.phase("before", "before: looking for R"), Sampler(self._stack.tier) as sampler:
            found = find_sustained_rate(
                self.generator, target, search, lambda text, _probe: self._clock.narrator.step(f"before: {text}")
            )
        if self._settings.ablation:
            with self._clock.phase("ablation", "ablation: pooling, replicas and cache alone"):
                measure = self._part_at(found.rate)
                self.parts += ablation.measure_before_optimising(self._stack, self._endpoints, measure)
        return found, sampler.samples

    def optimise(self, rate: float) -> OnlineOptimisation:
        """Optimise the database while Before's load goes on."""
        with self._clock.phase("optimise", "optimising the database while the load runs"):
            return optimise_online(self._stack, self.generator, rate, self._clock)

    def measure_after(self, rate: float) -> tuple[Run, Run, Run, Samples]:
        """Fill the cache at ten times R, then measure After at R and at ten times R."""
        target, length = targets.make_after(self._endpoints), self._settings.measure_s
        settle.empty_cache(self._stack)
        self.generator.forget_cache()
        with self._clock.phase("warm-up", f"after: warming up at {GROWTH} R"):
            warm_up = self._run(target, "warm-up", rate * GROWTH, self._settings.warm_up_s, warm_up_s=0.0)
        with self._clock.phase("after", f"after: {rate:g} requests a second (R) for {length:g} s"):
            with Sampler(self._stack.tier) as at_rate:
                after = self._run(target, "after, at R", rate, length)
        with self._clock.phase("after at 10 R", f"after: {rate * GROWTH:g} requests a second (10 R)"):
            with Sampler(self._stack.tier) as tenfold:
                after_10x = self._run(target, "after, at 10 R", rate * GROWTH, length)
        return After(warm_up, after, after_10x, at_rate.samples, tenfold.samples)

    def measure_cache_ops(self, rate: float) -> float:
        """Return the operations a second that redis-benchmark reaches beside the load at R (SET or GET, the slower)."""
        target = targets.make_after(self._endpoints)
        with self._clock.phase("cache operations", "redis-benchmark beside the load at R"):
            load = OpenLoop(label="beside redis-benchmark", rate=rate, seconds=CACHE_OPS_LIMIT_S, warm_up_s=0.0)
            self.generator.start(target, load, self._clock.tick)
            try:
                figures = run_redis_benchmark(self._endpoints.redis_url, seconds=CACHE_OPS_S)
            finally:
                self.generator.stop()
                self.generator.wait()
        return min(one.ops_per_second for one in figures)

    def finish_ablation(self, rate: float) -> None:
        """Measure the part of the ablation that needs the optimised database."""
        if self._settings.ablation:
            with self._clock.phase("ablation", "ablation: indexes alone"):
                self.parts += ablation.measure_after_optimising(self._stack, self._part_at(rate))

    def _part_at(self, rate: float) -> ablation.Measure:
        return lambda target, label: self._run(target, label, rate, PART_S, warm_up_s=PART_WARM_UP_S)

    def _run(self, target: Target, label: str, rate: float, seconds: float, warm_up_s: float = 2.0) -> Run:
        load = OpenLoop(label=label, rate=rate, seconds=seconds, warm_up_s=warm_up_s, in_time_s=IN_TIME_S)
        return self.generator.run(target, load, self._clock.tick)
