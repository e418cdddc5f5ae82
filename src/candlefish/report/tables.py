"""The rows of every table, as text cells: one source for the terminal and for the page."""

from collections.abc import Sequence

from candlefish.bench.result import ClientUse, OperationFigures, Probe, Run
from candlefish.demo.result import DemoResult, IndexUse
from candlefish.report.labels import figure, improvement, number, percent, rate, title
from candlefish.results import Verdict
from candlefish.units import render_bytes

Row = tuple[str, ...]

OBJECTIVE_HEAD = ("objective", "before", "after", "improvement", "target", "")
OPERATION_HEAD = (
    "operation", "kind", "requests", "before", "p95", "requests", "after", "p95", "requests", "at 10 R", "p95", "hits",
    "less time",
)  # fmt: skip
INDEX_HEAD = ("index", "table", "kind", "scans", "serves")


def objective_row(verdict: Verdict) -> Row:
    """Return one objective as (name, before, after, improvement, target, met or missed)."""
    return (
        title(verdict.name),
        figure(verdict.before, verdict.unit),
        figure(verdict.after, verdict.unit),
        improvement(verdict.improvement),
        verdict.target.replace("<=", "≤").replace(">=", "≥"),
        "met" if verdict.met else "missed",
    )


def operation_rows(result: DemoResult) -> list[Row]:
    """Return every operation of the three runs, the one that took most of Before's time first."""
    runs = (result.before, result.after, result.after_10x)
    before, after, tenfold = ({operation.name: operation for operation in run.operations} for run in runs)
    names = sorted({*before, *after, *tenfold}, key=lambda name: (-_time_spent(before.get(name)), name))
    return [_operation_row(name, before.get(name), after.get(name), tenfold.get(name)) for name in names]


def index_rows(indexes: Sequence[IndexUse]) -> list[Row]:
    """Return the indexes, unused ones first and then by their scans."""
    ordered = sorted(indexes, key=lambda index: (index.scans, index.name))
    return [(i.name, i.table, i.kind, f"{i.scans:,}", i.serves) for i in ordered]


def unused(indexes: Sequence[IndexUse]) -> list[str]:
    """Return the names of indexes that nothing scanned on any server."""
    return sorted(index.name for index in indexes if index.scans == 0)


def fact_rows(result: DemoResult) -> Sequence[Row]:
    """Return what a doubter wants to know, as (name, value)."""
    runs = (result.before, result.warm_up, result.after, result.after_10x)
    cache = result.cache
    return [
        ("data", _data_line(result)),
        ("R", _rate_line(result)),
        ("search for R", "; ".join(map(_probe, result.probes))),
        *((run.label, _run_line(run)) for run in runs),
        ("optimised online", _optimisation_line(result)),
        ("cacheable keys", _key_line(result)),
        (
            "hit ratio",
            f"{percent(cache.hit_ratio)}; a perfect cache could reach {percent(cache.ceiling_ratio)}",
        ),
        ("cache memory", f"{render_bytes(cache.memory_bytes)} of {render_bytes(cache.maxmemory_bytes)}"),
        ("cache filled", _fill_line(result)),
        ("reads on replicas", _replica_line(result)),
        ("connections", _connections(result)),
        ("wait for one", _wait_line(result)),
        ("indexes", _index_line(result.indexes)),
        *_script_rows(result.scripts),
        ("phases", "; ".join(f"{phase.name} {phase.seconds:.1f} s" for phase in result.phases)),
        ("machine", _machine_line(result)),
    ]


def cpu_line(run: Run) -> str:
    """Return the cores that each program kept busy, the busiest first."""
    return ", ".join(f"{s.program} {s.cores:.2f}" for s in sorted(run.cpu, key=lambda s: -s.cores))


def _operation_row(
    name: str,
    before: OperationFigures | None,
    after: OperationFigures | None,
    tenfold: OperationFigures | None,
) -> Row:
    known = next(operation for operation in (before, after, tenfold) if operation)
    change = None
    if before and after and before.latency.count and after.latency.count and before.latency.mean_ms:
        change = 1 - after.latency.mean_ms / before.latency.mean_ms
    cached = [operation for operation in (after, tenfold) if operation and operation.hits]
    ratio = sum(operation.hits for operation in cached) / max(sum(operation.requests for operation in cached), 1)
    hits = percent(ratio, 0) if cached else "–"
    figures = (*_figures(before), *_figures(after), *_figures(tenfold))
    return (name, known.kind, *figures, hits, improvement(change).removesuffix(" less"))


def _figures(operation: OperationFigures | None) -> Row:
    if operation is None or not operation.latency.count:
        return ("0", "–", "–")
    spread = operation.latency
    return (f"{operation.requests:,}", figure(spread.mean_ms, "ms"), figure(spread.p95_ms, "ms"))


def _time_spent(operation: OperationFigures | None) -> float:
    return operation.latency.mean_ms * operation.latency.count if operation else 0.0


def _data_line(result: DemoResult) -> str:
    data = result.dataset
    return (
        f"{data.rows:,} rows, {render_bytes(data.size_bytes)}, scale {data.scale:g}, seed {data.seed}; "
        f"loaded in {data.load_seconds:.1f} s"
    )


def _rate_line(result: DemoResult) -> str:
    if result.rate_confirmed:
        length = result.before.seconds
        return f"{rate(result.rate)} requests a second: the highest rate that Before sustained for {length:.0f} s"
    return f"{rate(result.rate)} requests a second, which Before did not sustain: no lower rate was tried in time"


def _probe(probe: Probe) -> str:
    return f"{rate(probe.rate)} /s {'held' if probe.sustained else 'not held'}"


def _optimisation_line(result: DemoResult) -> str:
    change = result.optimisation
    return (
        f"in {change.seconds:.1f} s, beside {change.requests:,} requests at {rate(change.rate)} /s, "
        f"{change.errors} failed; the slowest took {number(change.longest_ms)} ms"
    )


def _key_line(result: DemoResult) -> str:
    cache = result.cache
    return (
        f"{cache.cacheable_keys:,}, fixed by the scale; {cache.cached_reads:,} lookups asked for "
        f"{cache.distinct_keys:,} of them"
    )


def _fill_line(result: DemoResult) -> str:
    use = _client_use(result)
    return (
        f"{use.loads:,} loads for {use.loads + use.joined + use.waits:,} callers without a hit "
        f"({use.joined:,} joined a load of their process, {use.waits:,} waited for another process); "
        f"{use.early:,} refreshed before their time, {use.stale:,} served after it, "
        f"{use.refused_fills:,} not kept because the key was deleted meanwhile"
    )


def _replica_line(result: DemoResult) -> str:
    use = _client_use(result)
    return (
        f"{use.replica_reads:,}; {use.replicas_behind:,} more went elsewhere because the replica had not replayed "
        f"the request's own write; {use.retries:,} statements repeated"
    )


def _client_use(result: DemoResult) -> ClientUse:
    runs = (result.warm_up, result.after, result.after_10x)
    return sum((run.client for run in runs), start=ClientUse())


def _run_line(run: Run) -> str:
    return (
        f"{rate(run.rate)} /s for {run.seconds:.0f} s: {run.requests:,} requests, {run.errors} failed, "
        f"{percent(run.in_time_ratio)} in time, queue at most {run.queue_max}, at the end {run.queue_end}; "
        f"cores: {cpu_line(run)}"
    )


def _connections(result: DemoResult) -> str:
    seen = result.connections
    pools = ", ".join(f"{name} {count}" for name, count in seen.pooled_max)
    return (
        f"at most {seen.server_max} on one server (limit {seen.server_limit}; "
        f"before: {seen.before_server_max}); by pooled database: {pools}"
    )


def _wait_line(result: DemoResult) -> str:
    seen = result.connections
    return (
        f"before: {number(result.before.connection_wait.mean_ms)} ms to connect; after: "
        f"{figure(seen.pool_wait_ms, 'ms')} for the client's pool and {figure(seen.pooler_wait_ms, 'ms')} in "
        f"PgBouncer's queue (a whole `select 1` through both: {figure(seen.round_trip_ms, 'ms')})"
    )


def _script_rows(run: Run | None) -> list[Row]:
    if run is None:
        return []
    spread = run.everything
    times = f"average {number(spread.mean_ms)} ms, p95 {number(spread.p95_ms)} ms"
    return [("your scripts", f"{number(run.served_rate)} transactions a second, {times}, {run.errors} failed")]


def _index_line(indexes: Sequence[IndexUse]) -> str:
    idle = unused(indexes)
    return f"{len(indexes)} made; " + (f"never scanned: {', '.join(idle)}" if idle else "the run used every one")


def _machine_line(result: DemoResult) -> str:
    here = result.surroundings
    engines = ", ".join(f"{name} {version}" for name, version in here.engines)
    return (
        f"{here.cores} cores, {render_bytes(here.memory_bytes)}, {here.system}; "
        f"load average {here.load_average:.1f} before the start; {engines}"
    )
