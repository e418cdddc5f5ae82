import pytest

from candlefish.plan.objectives import OBJECTIVES, REPLICA_LAG_LIMIT_S, find_objective, target_text, verdict


def test_each_objective_has_a_name_of_its_own() -> None:
    assert len({objective.name for objective in OBJECTIVES}) == len(OBJECTIVES)


@pytest.mark.parametrize(
    "name",
    [
        "query_avg", "query_p95", "read_avg", "write_avg", "connection_wait", "server_connections", "cache_hit_ratio",
        "cached_response_p95", "cache_ops_per_second", "cache_memory_ratio", "evictions_per_minute", "replica_lag",
        "query_p95_at_10x", "errors_at_10x", "database_cpu", "free_storage", "application_response",
        "application_error_rate",
    ],
)  # fmt: skip
def test_every_figure_of_the_promise_is_in_the_table(name: str) -> None:
    assert find_objective(name).name == name


@pytest.mark.parametrize(
    ("name", "before", "after", "met"),
    [
        ("query_avg", 125.0, 28.0, False),  # 77.6 %
        ("query_avg", 100.0, 22.0, True),
        ("query_avg", 100.0, 22.1, False),
        ("query_p95", None, 29.9, True),
        ("query_p95", None, 30.0, False),
        ("connection_wait", 500.0, 5.0, True),
        ("connection_wait", 500.0, 5.1, False),
        ("server_connections", 480.0, 100.0, True),
        ("server_connections", 480.0, 101.0, False),
        ("cache_hit_ratio", None, 0.90, True),
        ("cache_hit_ratio", None, 0.899, False),
        ("cache_ops_per_second", None, 50_000.0, True),
        ("cache_ops_per_second", None, 49_999.0, False),
        ("cache_memory_ratio", None, 0.85, False),
        ("replica_lag", None, 999.0, True),
        ("errors_at_10x", None, 0.0, True),
        ("errors_at_10x", None, 1.0, False),
    ],
)
def test_a_verdict_turns_exactly_at_the_limit(name: str, before: float | None, after: float, met: bool) -> None:
    assert verdict(find_objective(name), before, after).met is met


def test_the_improvement_is_a_ratio_of_the_time_before() -> None:
    assert verdict(find_objective("read_avg"), 200.0, 15.0).improvement == pytest.approx(0.925)


def test_what_got_worse_has_a_negative_improvement() -> None:
    assert verdict(find_objective("read_avg"), 10.0, 20.0).improvement == pytest.approx(-1.0)


def test_a_minimum_improves_when_it_grows() -> None:
    assert verdict(find_objective("cache_hit_ratio"), 0.45, 0.9).improvement == pytest.approx(0.5)


@pytest.mark.parametrize(("before", "after"), [(None, 1.0), (1.0, None), (0.0, 1.0)])
def test_an_improvement_without_both_figures_is_not_met(before: float | None, after: float | None) -> None:
    found = verdict(find_objective("query_avg"), before, after)
    assert (found.met, found.improvement, found.note) == (False, None, "not measured")


def test_a_hit_ratio_near_the_best_possible_counts_as_met_and_says_why() -> None:
    near = verdict(find_objective("cache_hit_ratio"), None, 0.861, ceiling=0.88)
    far = verdict(find_objective("cache_hit_ratio"), None, 0.859, ceiling=0.88)
    assert (near.met, far.met) == (True, False)
    assert near.note == "within 2 points of the ceiling of 88 %"


def test_a_ceiling_excuses_no_maximum() -> None:
    assert not verdict(find_objective("query_p95"), None, 31.0, ceiling=31.0).met


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("query_avg", "78 % less"),
        ("query_p95", "< 30 ms"),
        ("cache_hit_ratio", ">= 90 %"),
        ("cache_ops_per_second", ">= 50,000/s"),
        ("server_connections", "<= 100"),
        ("application_error_rate", "< 0.1 %"),
        ("free_storage", ""),
    ],
)
def test_a_target_reads_as_in_the_promise(name: str, text: str) -> None:
    assert target_text(find_objective(name)) == text


def test_a_replica_leaves_the_reads_at_the_lag_that_is_promised() -> None:
    assert find_objective("replica_lag").target == REPLICA_LAG_LIMIT_S * 1000 == 1000
