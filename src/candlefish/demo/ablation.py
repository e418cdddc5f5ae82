"""What indexes, pooling, replicas and cache each bring alone: Before with one of them, at the same rate R."""

from collections.abc import Callable, Iterator, Sequence

from candlefish.bench.result import Run
from candlefish.bench.target import Target
from candlefish.demo import settle, targets
from candlefish.demo.result import AblationRow
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack

Measure = Callable[[Target, str], Run]
"""Runs the workload at R against a target, under a label."""


def measure_before_optimising(stack: Stack, endpoints: Endpoints, measure: Measure) -> Iterator[AblationRow]:
    """Measure the parts that need the database as it started: pooling, replicas, cache."""
    yield _measured("pooling", targets.make_pooling_alone(endpoints), measure)
    if len(stack.plan.postgres.nodes) > 1:
        yield _measured("replicas", targets.make_replicas_alone(stack), measure)
    settle.empty_cache(stack)
    yield _measured("cache", targets.make_cache_alone(stack, endpoints), measure)


def measure_after_optimising(stack: Stack, measure: Measure) -> Iterator[AblationRow]:
    """Measure the part that needs the optimised database: its indexes, views and partitions."""
    yield _measured("indexes", targets.make_indexes_alone(stack), measure)


def in_order(before: Run, parts: Sequence[AblationRow], after: Run) -> tuple[AblationRow, ...]:
    """Return the rows as a reader wants them: nothing, each part alone, all of them."""
    order = ("indexes", "pooling", "replicas", "cache")
    alone = sorted(parts, key=lambda row: order.index(row.parts[0]))
    names = tuple(row.parts[0] for row in alone)
    return (AblationRow("nothing", (), before), *alone, AblationRow("all of them", names, after))


def _measured(part: str, target: Target, measure: Measure) -> AblationRow:
    return AblationRow(f"{part} alone", (part,), measure(target, f"{part} alone, at R"))
