"""A demo with made-up figures, for tests of what is printed."""

import math

import pytest

from candlefish.bench.result import CpuShare, Distribution, Kind, OperationFigures, Probe, Run, Second
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
from candlefish.results import Verdict

PERCENTILES = (1, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9)
OPERATIONS: tuple[tuple[str, Kind, float, float], ...] = (
    ("user_dashboards_page", "read", 310.0, 3.1),
    ("recent_activity", "read", 190.0, 2.2),
    ("metrics_time_range", "read", 420.0, 4.8),
    ("log_activity", "write", 41.0, 2.1),
    ("edit_widget", "write", 95.0, 2.9),
)


def spread(mean_ms: float, count: int = 400) -> Distribution:
    """Give latencies around a mean, as a load generator would report them."""
    curve = tuple((p, round(mean_ms * (0.25 - 0.6 * math.log(1 - p / 100.001)), 3)) for p in PERCENTILES)
    at = dict(curve)
    return Distribution(count, mean_ms, at[50], at[95], at[99], at[99.9], curve)


def run(label: str, rate: float, mean_ms: float, *, errors: int = 0, cached: bool = True) -> Run:
    """Give one run of twenty seconds."""
    operations = tuple(
        OperationFigures(
            name,
            kind,
            40,
            0,
            30 if cached and kind == "read" else 0,
            spread(before if mean_ms > 50 else after, 40),
        )
        for name, kind, before, after in OPERATIONS
    )
    timeline = tuple(
        Second(float(at), int(rate + 4 * math.sin(at)), 9 * at, 12, at % 3)
        if cached
        else Second(float(at), int(rate), 0, 0, at % 9)
        for at in range(20)
    )
    return Run(
        label=label, rate=rate, seconds=20.0, requests=int(rate * 20), errors=errors,
        error_kinds=(("timeout", errors),) if errors else (), in_time_ratio=0.994, queue_max=8, queue_end=1,
        everything=spread(mean_ms), reads=spread(mean_ms * 1.2), writes=spread(mean_ms * 0.6),
        connection_wait=spread(mean_ms / 5), cached=spread(0.6) if cached else None, operations=operations,
        timeline=timeline, hits=1800 if cached else 0, misses=150 if cached else 0,
        cpu=(CpuShare("postgres", 1.21), CpuShare("pgbouncer", 0.08), CpuShare("redis-server", 0.05),
             CpuShare("load generator", 0.31),
             CpuShare("patroni", 0.04), CpuShare("etcd", 0.02), CpuShare("everything else", 0.1)),
    )  # fmt: skip


VERDICTS = (
    Verdict("query_avg", "ms", 212.0, 3.4, 0.984, "78 % less", True),
    Verdict("read_avg", "ms", 254.0, 3.6, 0.986, "93 % less", True),
    Verdict("write_avg", "ms", 127.0, 2.8, 0.978, "77 % less", True),
    Verdict("connection_wait", "ms", 42.4, 0.11, 0.997, "99 % less", True),
    Verdict("server_connections", "count", None, 38, None, "at most 100", True),
    Verdict("cache_hit_ratio", "ratio", None, 0.923, None, "at least 90 %", True, "ceiling 94.1 %"),
    Verdict("cached_response_p95", "ms", None, 1.4, None, "below 5 ms", True),
    Verdict("cache_ops_per_second", "1/s", None, 43210.0, None, "at least 50,000 /s", False),
    Verdict("query_p95_at_10x", "ms", None, 14.2, None, "below 30 ms", True),
    Verdict("errors_at_10x", "count", None, 0, None, "none", True),
)


ENGINES = (("PostgreSQL", "15.18"), ("Redis", "7.0.15"))
SURROUNDINGS = Surroundings("2026-01-02 03:04", 2, 24 * 1024**3, "Linux x86_64", ENGINES, "candlefish", False, 0.4)
STEPS = (Timed("indexes", 21.0), Timed("partitions", 17.4))
CACHE = CacheFigures(0.923, 0.941, 21_000, 9_400, 3_100, 0.021, 11_000_000, 512 * 1024**2, 0.0, 43210.0)


@pytest.fixture
def result() -> DemoResult:
    """Give a whole demo: nine objectives met, one missed, one index never scanned."""
    before = run("before, at R", 18, 212.0, cached=False)
    return DemoResult(
        surroundings=SURROUNDINGS,
        dataset=Dataset(1.0, 7, 3_012_345, 1_250_000_000, 48.2),
        rate=18.0,
        rate_confirmed=True,
        probes=(Probe(24, 5, False, 0.71, 40, 3200), Probe(18, 30, True, 0.994, 1, 870)),
        before=before,
        optimisation=OnlineOptimisation(38.4, STEPS, 18, 691, 0, (), 1830.0),
        warm_up=run("warm-up", 180, 5.0),
        after=run("after, at R", 18, 3.4),
        after_10x=run("after, at 10 R", 180, 4.9),
        connections=ConnectionFigures(61, 500, (("candlefish_main", 25), ("candlefish_read", 38)), 44, 0.01, 0.04, 0.9),
        cache=CACHE,
        lag=LagFigures(0.31, 0.02, 60),
        indexes=(
            IndexUse("widgets_dashboard_idx", "widgets", "foreign key", 41_233, "dashboard with its widgets"),
            IndexUse("metrics_recorded_brin", "metrics", "BRIN", 0, "metrics <over> a time range"),
        ),
        objectives=VERDICTS,
        phases=(Timed("up", 14.1), Timed("load", 48.2)),
        ablation=(
            AblationRow("nothing", (), before),
            AblationRow("indexes alone", ("indexes",), run("indexes alone", 18, 31.0, cached=False)),
            AblationRow("all four", ("indexes", "pooling", "replicas", "cache"), run("all four", 18, 3.4)),
        ),
    )  # fmt: skip
