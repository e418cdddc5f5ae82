"""From figures to verdicts: each objective gets its own number."""

import dataclasses

from candlefish.bench.result import CpuShare, Distribution, Run
from candlefish.demo.result import (
    CacheFigures,
    ConnectionFigures,
    Dataset,
    DemoResult,
    LagFigures,
    OnlineOptimisation,
    Surroundings,
)
from candlefish.demo.verdicts import judge
from candlefish.results import Verdict


def spread(mean_ms: float, count: int = 100) -> Distribution:
    return Distribution(count, mean_ms, mean_ms, 2 * mean_ms, 3 * mean_ms, 4 * mean_ms)


def run(mean_ms: float, *, cores: float, errors: int = 0, cached_ms: float | None = None) -> Run:
    return Run(
        label="", rate=10, seconds=20, requests=200, errors=errors, error_kinds=(), in_time_ratio=1.0, queue_max=1,
        queue_end=0, everything=spread(mean_ms), reads=spread(mean_ms + 1), writes=spread(mean_ms + 2),
        connection_wait=spread(mean_ms / 2), cached=None if cached_ms is None else spread(cached_ms), operations=(),
        timeline=(), cpu=(CpuShare("postgres", cores), CpuShare("load generator", 0.5)),
    )  # fmt: skip


def result(**changes: object) -> DemoResult:
    base = DemoResult(
        surroundings=Surroundings("", 2, 1, "", (), "t", False, 0.0),
        dataset=Dataset(1, 1, 10, 10, 1.0),
        rate=10,
        rate_confirmed=True,
        probes=(),
        before=run(100, cores=1.6),
        optimisation=OnlineOptimisation(1, (), 5, 10, 0, (), 1.0),
        warm_up=run(5, cores=0.2),
        after=run(4, cores=0.1, cached_ms=1.0),
        after_10x=run(6, cores=0.5, cached_ms=2.0),
        connections=ConnectionFigures(40, 500, (("candlefish_main", 20), ("candlefish_read_1", 25)), 60, 0.1, 0.2, 0.9),
        cache=CacheFigures(0.92, 0.95, 350, 900, 300, 0.4, 4, 10, 3.0, 60_000.0),
        lag=LagFigures(0.25, 0.01, 40),
        indexes=(),
        objectives=(),
        phases=(),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def judged(**changes: object) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in judge(result(**changes)).objectives}


def test_times_compare_before_and_after_at_the_same_rate() -> None:
    found = judged()
    assert (found["query_avg"].before, found["query_avg"].after) == (100, 4)
    assert (found["read_avg"].before, found["read_avg"].after) == (101, 5)
    assert (found["write_avg"].before, found["write_avg"].after) == (102, 6)
    assert (found["query_p95"].before, found["query_p95"].after) == (200, 8)


def test_the_wait_for_a_connection_adds_the_clients_pool_and_the_poolers_queue() -> None:
    wait = judged()["connection_wait"]
    assert wait.before == 50
    assert wait.after is not None
    assert round(wait.after, 6) == 0.3
    assert "0.90 ms" in wait.note


def test_growth_is_judged_at_ten_times_the_rate() -> None:
    found = judged(after_10x=run(20, cores=1.5, errors=3, cached_ms=9.0))
    assert (found["query_p95_at_10x"].after, found["query_p95_at_10x"].met) == (40, False)
    assert (found["errors_at_10x"].after, found["errors_at_10x"].met) == (3, False)
    assert (found["cached_response_p95"].after, found["cached_response_p95"].met) == (18, False)
    assert found["application_error_rate"].after == 3 / 400


def test_the_fullest_pooled_database_counts() -> None:
    connections = judged()["server_connections"]
    assert connections.after == 25
    assert "candlefish_read_1" in connections.note


def test_lag_is_told_in_milliseconds_and_a_light_tier_has_none() -> None:
    assert judged()["replica_lag"].after == 250
    light = Surroundings("", 2, 1, "", (), "t", True, 0.0)
    alone = judged(lag=None, surroundings=light)["replica_lag"]
    assert (alone.after, alone.met) == (0.0, True)
    assert "no replica" in alone.note
    assert not judged(lag=None)["replica_lag"].met


def test_a_hit_ratio_near_its_ceiling_is_met_and_says_why() -> None:
    near = CacheFigures(0.87, 0.88, 350, 900, 300, 0.4, 4, 10, 3.0, 60_000.0)
    met = judged(cache=near)["cache_hit_ratio"]
    assert met.met
    assert "88.0 %" in met.note
    far = dataclasses.replace(near, ceiling_ratio=0.95)
    assert not judged(cache=far)["cache_hit_ratio"].met


def test_the_databases_processors_are_a_share_of_the_machine() -> None:
    cpu = judged()["database_cpu"]
    assert (cpu.before, cpu.after) == (0.8, 0.05)
