"""The optimisation applied online: the load goes on, and what it saw of the change is counted."""

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import OpenLoop
from candlefish.demo import targets
from candlefish.demo.optimise import OptimisationSummary, optimise
from candlefish.demo.phases import Clock
from candlefish.demo.result import OnlineOptimisation, Timed
from candlefish.engines.stack import Stack

LOAD_RATIO = 0.5
"""Share of R that goes on meanwhile: R is all that Before can bear, and building indexes takes its part of it."""

LONGEST_S = 600.0
"""The load ends with the optimisation; this is only its limit."""

DRAIN_S = 30.0
"""Seconds that the last requests get: slow is not failed."""


def optimise_online(stack: Stack, generator: LoadGenerator, rate: float, clock: Clock) -> OnlineOptimisation:
    """Apply the whole optimisation while the application as it was goes on at half of R."""
    load = OpenLoop(label="while optimising", rate=rate * LOAD_RATIO, seconds=LONGEST_S, warm_up_s=0.0, drain_s=DRAIN_S)
    generator.start(targets.make_before(stack), load)
    try:
        applied = optimise(targets.make_admin_url(stack), progress=clock.narrator.tick)
    finally:
        generator.stop()
        run = generator.wait()
    return OnlineOptimisation(
        seconds=applied.seconds,
        steps=_phases(applied),
        rate=load.rate,
        requests=run.requests,
        errors=run.errors,
        error_kinds=run.error_kinds,
        longest_ms=run.everything.max_ms,
    )


def _phases(applied: OptimisationSummary) -> tuple[Timed, ...]:
    """Add the steps up by their first word: indexes, partitions, views, functions."""
    totals: dict[str, float] = {}
    for step in applied.steps:
        name = step.name.partition(":")[0]
        totals[name] = totals.get(name, 0.0) + step.seconds
    return tuple(Timed(name, round(seconds, 2)) for name, seconds in totals.items())
