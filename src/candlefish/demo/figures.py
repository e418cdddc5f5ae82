"""From runs and samples to the demo's result. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from candlefish.bench.result import Run
from candlefish.bench.sustained import Sustained
from candlefish.demo import ablation
from candlefish.demo.dataset import LoadSummary
from candlefish.demo.operations import cacheable_keys
from candlefish.demo.result import (
    AblationRow,
    CacheFigures,
    ConnectionFigures,
    Dataset,
    DemoResult,
    IndexUse,
    LagFigures,
    OnlineOptimisation,
    Surroundings,
    Timed,
)
from candlefish.demo.sampler import Samples
from candlefish.demo.verdicts import judge
from candlefish.plan.model import Plan


@dataclass(frozen=True, slots=True)
class Before:
    """The search for R, and what was seen from the side meanwhile."""

    found: Sustained
    samples: Samples


@dataclass(frozen=True, slots=True)
class After:
    """The three runs on the optimised tier, and what was seen from the side during the last two."""

    warm_up: Run
    at_rate: Run
    tenfold: Run
    samples: Samples
    tenfold_samples: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything that was measured, as it came."""

    surroundings: Surroundings
    loaded: LoadSummary
    size_bytes: int
    before: Before
    optimisation: OnlineOptimisation
    after: After
    cache_ops_rate: float
    indexes: tuple[IndexUse, ...]
    parts: tuple[AblationRow, ...]
    script_run: Run | None
    phases: tuple[Timed, ...]


def make_result(measured: Measured, plan: Plan) -> DemoResult:
    """Return the whole result, with a verdict on every objective."""
    found, loaded, after = measured.before.found, measured.loaded, measured.after
    replicated = len(plan.postgres.nodes) > 1
    without_verdicts = DemoResult(
        surroundings=measured.surroundings,
        dataset=Dataset(loaded.scale, loaded.seed, loaded.total_rows, measured.size_bytes, loaded.seconds),
        rate=found.rate,
        rate_confirmed=found.confirmed,
        probes=found.probes,
        before=found.run,
        optimisation=measured.optimisation,
        warm_up=after.warm_up,
        after=after.at_rate,
        after_10x=after.tenfold,
        connections=_connections(measured, plan),
        cache=_cache(measured, plan),
        lag=_lag(after.samples + after.tenfold_samples) if replicated else None,
        indexes=measured.indexes,
        objectives=(),
        phases=_summed(measured.phases),
        ablation=ablation.in_order(found.run, measured.parts, after.at_rate) if measured.parts else (),
        scripts=measured.script_run,
    )
    return judge(without_verdicts)


def _summed(phases: Sequence[Timed]) -> tuple[Timed, ...]:
    """Put the halves of a phase that came in two together."""
    totals: dict[str, float] = {}
    for phase in phases:
        totals[phase.name] = round(totals.get(phase.name, 0.0) + phase.seconds, 2)
    return tuple(Timed(name, seconds) for name, seconds in totals.items())


def _connections(measured: Measured, plan: Plan) -> ConnectionFigures:
    after = measured.after
    both = after.samples + after.tenfold_samples
    ours = f"{plan.postgres.database}_"
    pooled = {name: most for name, most in both.pooled_max.items() if name.startswith(ours) and most}
    return ConnectionFigures(
        server_max=both.server_max,
        server_limit=plan.postgres.max_connections,
        pooled_max=tuple(sorted(pooled.items())),
        before_server_max=measured.before.samples.server_max,
        pool_wait_ms=_pool_wait_ms(after.warm_up, after.at_rate),
        pooler_wait_ms=after.samples.pooler_wait_ms,
        round_trip_ms=after.at_rate.connection_wait.mean_ms,
    )


def _pool_wait_ms(earlier: Run, run: Run) -> float:
    """Return the average wait in the client's pools in one run; their counts go on from run to run."""
    acquired = sum(pool.acquired for pool in run.pools) - sum(pool.acquired for pool in earlier.pools)
    waited = sum(p.acquired * p.wait_mean_ms for p in run.pools) - sum(
        p.acquired * p.wait_mean_ms for p in earlier.pools
    )
    return max(waited, 0.0) / acquired if acquired > 0 else 0.0


def _cache(measured: Measured, plan: Plan) -> CacheFigures:
    runs = (measured.after.at_rate, measured.after.tenfold)
    samples = measured.after.samples + measured.after.tenfold_samples
    lookups = sum(run.hits + run.misses for run in runs)
    ceiling = sum((run.ceiling_ratio or 0.0) * (run.hits + run.misses) for run in runs)
    return CacheFigures(
        hit_ratio=sum(run.hits for run in runs) / max(lookups, 1),
        ceiling_ratio=ceiling / max(lookups, 1),
        cacheable_keys=cacheable_keys(measured.loaded.scale),
        cached_reads=lookups,
        distinct_keys=max(run.distinct_keys for run in runs),
        memory_ratio=samples.memory_bytes / plan.redis.maxmemory_bytes,
        memory_bytes=samples.memory_bytes,
        maxmemory_bytes=plan.redis.maxmemory_bytes,
        evictions_per_minute=samples.evictions_per_minute,
        ops_per_second=measured.cache_ops_rate,
    )


def _lag(samples: Samples) -> LagFigures | None:
    seen = samples.lag_s
    return LagFigures(max(seen), sum(seen) / len(seen), len(seen)) if seen else None
