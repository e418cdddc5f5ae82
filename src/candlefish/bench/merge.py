"""The parts that the workers measured, put together into one run. No I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence

from candlefish.bench.ceiling import Ceiling
from candlefish.bench.load import Load, OpenLoop
from candlefish.bench.recorder import Encoded, WorkerPart
from candlefish.bench.result import ClientUse, CpuShare, Distribution, OperationFigures, PoolWaits, Run, Second
from candlefish.bench.stats import Latencies, merged
from candlefish.bench.workload import Kind
from candlefish.client.stats import PoolStats

Named = Sequence[tuple[str, Kind]]
"""Names and kinds of the operations, in the workload's order."""


def merge_run(
    load: Load,
    operations: Named,
    parts: Sequence[WorkerPart],
    *,
    seconds: float,
    cpu: tuple[CpuShare, ...],
    ceiling: Ceiling,
) -> Run:
    """Return the whole run."""
    columns = zip(*(part.operations for part in parts), strict=True)
    latencies = [merged(Latencies.decode(part.latency) for part in column) for column in columns]
    figures = tuple(
        _operation(name, kind, index, parts, latencies[index]) for index, (name, kind) in enumerate(operations)
    )
    everything = merged(latencies).distribution()
    errors = _errors(figures)
    hits, misses = sum(part.hits for part in parts), sum(part.misses for part in parts)
    return Run(
        label=load.label,
        rate=load.rate if isinstance(load, OpenLoop) else 0.0,
        seconds=seconds,
        requests=everything.count,
        errors=errors.total(),
        error_kinds=tuple(errors.most_common()),
        in_time_ratio=sum(part.in_time for part in parts) / max(everything.count, 1),
        queue_max=sum(part.queue_max for part in parts),
        queue_end=sum(part.queue_end for part in parts),
        everything=everything,
        reads=_of_kind("read", operations, latencies),
        writes=_of_kind("write", operations, latencies),
        connection_wait=_distribution(part.connection_wait for part in parts),
        cached=_distribution(part.cached for part in parts) if hits + misses else None,
        operations=figures,
        timeline=_timeline(parts),
        cpu=cpu,
        hits=hits,
        misses=misses,
        error_examples=_examples(parts),
        in_time_s=load.in_time_s,
        warm_up_seconds=load.warm_up_s,
        workers=len(parts),
        late_start=_distribution(part.late_start for part in parts),
        pools=_pools(parts),
        cache_errors=sum(part.cache_errors for part in parts),
        client=sum((part.client for part in parts), start=ClientUse()),
        distinct_keys=ceiling.distinct_keys,
        ceiling_ratio=ceiling.ratio,
    )


def _operation(
    name: str, kind: Kind, index: int, parts: Sequence[WorkerPart], latencies: Latencies
) -> OperationFigures:
    mine = [part.operations[index] for part in parts]
    errors = Counter[str]()
    for part in mine:
        errors.update(part.errors)
    return OperationFigures(
        name=name,
        kind=kind,
        requests=latencies.count,
        errors=errors.total(),
        hits=sum(part.hits for part in mine),
        latency=latencies.distribution(),
        error_kinds=tuple(errors.most_common()),
    )


def _errors(figures: Iterable[OperationFigures]) -> Counter[str]:
    errors = Counter[str]()
    for figure in figures:
        errors.update(dict(figure.error_kinds))
    return errors


def _of_kind(kind: Kind, operations: Named, latencies: Sequence[Latencies]) -> Distribution:
    pairs = zip(operations, latencies, strict=True)
    return merged(one for (_, its_kind), one in pairs if its_kind == kind).distribution()


def _distribution(encoded: Iterable[Encoded]) -> Distribution:
    return merged(map(Latencies.decode, encoded)).distribution()


def _timeline(parts: Sequence[WorkerPart]) -> tuple[Second, ...]:
    seconds = sorted({at for part in parts for at in part.timeline})
    return tuple(_second(at, [part.timeline[at] for part in parts if at in part.timeline]) for at in seconds)


def _second(at: int, same: Sequence[Second]) -> Second:
    return Second(
        at=float(at),
        served=sum(second.served for second in same),
        hits=sum(second.hits for second in same),
        misses=sum(second.misses for second in same),
        queue=sum(second.queue for second in same),
    )


def _examples(parts: Sequence[WorkerPart]) -> tuple[str, ...]:
    examples: dict[str, str] = {}
    for part in parts:
        examples = part.error_examples | examples
    return tuple(f"{kind}: {message}" for kind, message in examples.items())


def _pools(parts: Sequence[WorkerPart]) -> tuple[PoolWaits, ...]:
    by_name: dict[str, list[PoolStats]] = {}
    for part in parts:
        for pool in part.pools:
            by_name.setdefault(pool.name, []).append(pool)
    return tuple(_pool(name, pools) for name, pools in by_name.items())


def _pool(name: str, pools: Sequence[PoolStats]) -> PoolWaits:
    acquired = sum(pool.acquired for pool in pools)
    return PoolWaits(
        name=name,
        acquired=acquired,
        waits=sum(pool.waits for pool in pools),
        wait_mean_ms=1000 * sum(pool.wait_sum_s for pool in pools) / max(acquired, 1),
        wait_max_ms=1000 * max(pool.wait_max_s for pool in pools),
        prepared=pools[0].prepared,
    )
