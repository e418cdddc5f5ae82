"""`candlefish demo` read aloud: up, load, before, optimise while the load runs, warm up, after, ten times R."""

import asyncio
from dataclasses import dataclass, field

from candlefish.bench.pgbench import Script
from candlefish.demo import dataset, facts, figures, settle
from candlefish.demo.measuring import Lengths, Measuring
from candlefish.demo.ownership import claim_database
from candlefish.demo.phases import SETTLE_S, Clock, Narrator
from candlefish.demo.result import DemoResult
from candlefish.engines.stack import Stack


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What a user may choose: the data's size and seed, the length of the runs, what is measured besides."""

    scale: float = 1.0
    seed: int = 1
    lengths: Lengths = field(default_factory=Lengths)
    ablation: bool = False
    scripts: tuple[Script, ...] = ()


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
    workload = {"scale": settings.scale, "seed": settings.seed}
    with Measuring(stack, workload, settings.lengths, clock) as measuring:
        before = measuring.measure_before()
        parts = measuring.measure_parts_before() if settings.ablation else []
        optimisation = measuring.optimise()
        after = measuring.measure_after()
        cache_ops_rate = measuring.measure_cache_ops()
        parts += measuring.measure_parts_after() if settings.ablation else []
        script_run = measuring.measure_scripts(settings.scripts) if settings.scripts else None
    measured = figures.Measured(
        surroundings=surroundings,
        loaded=loaded,
        size_bytes=facts.fetch_size_bytes(stack),
        before=before,
        optimisation=optimisation,
        after=after,
        cache_ops_rate=cache_ops_rate,
        indexes=facts.fetch_index_use(stack),
        parts=tuple(parts),
        script_run=script_run,
        phases=tuple(clock.passed),
    )
    return figures.make_result(measured, stack.plan)


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
