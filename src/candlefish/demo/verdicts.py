"""The verdict on every objective that a demo measures, from its figures. No I/O."""

from dataclasses import replace

from candlefish.bench.result import Run
from candlefish.demo.result import DemoResult
from candlefish.plan.objectives import find_objective, verdict
from candlefish.results import Verdict

DATABASE_PROGRAM = "postgres"
"""The name under which the CPU account lists PostgreSQL."""


def judge(result: DemoResult) -> DemoResult:
    """Return the result with a verdict on each objective, in the order of plan/objectives.py."""
    return replace(result, objectives=(*_times(result), *_connections(result), *_cache(result), *_growth(result)))


def _times(result: DemoResult) -> tuple[Verdict, ...]:
    before, after, waits = result.before, result.after, result.connections
    return (
        _verdict("query_avg", before.everything.mean_ms, after.everything.mean_ms),
        _verdict("query_p95", before.everything.p95_ms, after.everything.p95_ms),
        _verdict("read_avg", before.reads.mean_ms, after.reads.mean_ms),
        _verdict("write_avg", before.writes.mean_ms, after.writes.mean_ms),
        _verdict(
            "connection_wait",
            before.connection_wait.mean_ms,
            waits.pool_wait_ms + waits.pooler_wait_ms,
            note=f"the client's pool and PgBouncer's queue; a whole `select 1` took {waits.round_trip_ms:.2f} ms",
        ),
    )


def _connections(result: DemoResult) -> tuple[Verdict, ...]:
    seen = result.connections
    name, most = max(seen.pooled_max, key=lambda pool: pool[1], default=("", 0))
    return (
        _verdict("server_connections", None, most, note=f"the most had {name}" if name else ""),
        _verdict(
            "connections_on_a_server",
            None,
            seen.server_max,
            note=f"before, one for each request in flight: {seen.before_server_max}",
        ),
    )


def _cache(result: DemoResult) -> tuple[Verdict, ...]:
    cache = result.cache
    cached = result.after_10x.cached
    return (
        verdict(
            find_objective("cache_hit_ratio"),
            None,
            cache.hit_ratio,
            ceiling=cache.ceiling_ratio,
            note=f"a perfect cache could reach {cache.ceiling_ratio * 100:.1f} %",
        ),
        _verdict("cached_response_p95", None, cached.p95_ms if cached and cached.count else None, note="at 10 R"),
        _verdict("cache_ops_per_second", None, cache.ops_per_second, note="redis-benchmark, pipelined, beside R"),
        _verdict("cache_memory_ratio", None, cache.memory_ratio),
        _verdict("evictions_per_minute", None, cache.evictions_per_minute),
    )


def _growth(result: DemoResult) -> tuple[Verdict, ...]:
    tenfold, runs = result.after_10x, (result.after, result.after_10x)
    cores = result.surroundings.cores
    errors = sum(run.errors for run in runs) / max(sum(run.requests for run in runs), 1)
    return (
        _verdict(
            "database_cpu",
            _database_cores(result.before) / cores,
            _database_cores(result.after) / cores,
            note=f"of {cores} cores, all nodes together; at 10 R {_database_cores(tenfold) / cores * 100:.0f} %",
        ),
        _lag(result),
        _verdict("application_error_rate", _error_rate(result.before), errors, note="after: R and 10 R together"),
        _verdict("query_p95_at_10x", None, tenfold.everything.p95_ms),
        _verdict("errors_at_10x", None, tenfold.errors),
    )


def _lag(result: DemoResult) -> Verdict:
    if result.lag is None:
        note = "a light tier has no replica" if result.surroundings.light else ""
        return _verdict("replica_lag", None, 0.0 if note else None, note=note)
    return _verdict("replica_lag", None, result.lag.max_s * 1000)


def _verdict(name: str, before: float | None, after: float | None, *, note: str = "") -> Verdict:
    return verdict(find_objective(name), before, after, note=note)


def _error_rate(run: Run) -> float:
    return run.errors / max(run.requests, 1)


def _database_cores(run: Run) -> float:
    return sum(share.cores for share in run.cpu if share.program == DATABASE_PROGRAM)
