"""One measured run as tables for the terminal."""

from collections.abc import Iterator

from rich.table import Table

from candlefish.bench.result import Distribution, Run
from candlefish.report.labels import figure, number, percent


def run_tables(run: Run) -> Iterator[Table]:
    """Give the distributions, the operations and the circumstances of a run."""
    yield _distributions(run)
    if len(run.operations) > 1:
        yield _operations(run)
    yield _facts(run)


def _distributions(run: Run) -> Table:
    table = _table("time", "count", "average", "p50", "p95", "p99", "longest")
    rows = [("all", run.everything), ("reads", run.reads), ("writes", run.writes)]
    rows += [("wait for a connection", run.connection_wait)]
    rows += [("answered by the cache", run.cached)] if run.cached else []
    for name, spread in rows:
        if spread.count:
            table.add_row(name, *_cells(spread))
    return table


def _operations(run: Run) -> Table:
    table = _table("operation", "count", "average", "p50", "p95", "p99", "longest", "failed")
    for operation in sorted(run.operations, key=lambda one: -one.requests):
        table.add_row(operation.name, *_cells(operation.latency), number(operation.errors))
    return table


def _facts(run: Run) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    rate = f"{number(run.served_rate)} answered a second"
    table.add_row("rate", f"{rate}, {number(run.rate)} asked for" if run.rate else rate)
    table.add_row("requests", f"{run.requests:,} in {run.seconds:.1f} s, {run.errors:,} failed")
    for kind, count in run.error_kinds:
        table.add_row("failed", f"{count:,} {kind}")
    for example in run.error_examples:
        table.add_row("example", example)
    if run.hit_ratio is not None:
        table.add_row("hit ratio", f"{percent(run.hit_ratio)} of {run.hits + run.misses:,} lookups")
    table.add_row("cores", ", ".join(f"{share.program} {share.cores:.2f}" for share in run.cpu))
    return table


def _cells(spread: Distribution) -> list[str]:
    times = (spread.mean_ms, spread.p50_ms, spread.p95_ms, spread.p99_ms, spread.max_ms)
    return [f"{spread.count:,}", *(figure(value, "ms") for value in times)]


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table
