"""The load generator against the tier."""

from dataclasses import replace

import psycopg
import pytest
import redis

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import ClosedLoop, OpenLoop, Progress
from candlefish.bench.sustained import Search, find_sustained_rate
from candlefish.bench.target import Target
from candlefish.endpoints import Endpoints
from candlefish.errors import EngineError, UsageError

TRIVIAL = "candlefish.bench.trivial"
SHORT = OpenLoop(rate=100.0, seconds=2.0, warm_up_s=0.5, drain_s=2.0)


def test_an_open_loop_keeps_its_rate_and_counts_every_request(pooled: Target) -> None:
    seen: list[Progress] = []
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE", processes=2) as generator:
        run = generator.run(pooled, replace(SHORT, pattern="constant"), seen.append)
    assert run.requests == 200
    assert run.errors == 0
    assert run.reads.count + run.writes.count == run.everything.count == 200
    assert [(operation.name, operation.kind) for operation in run.operations] == [
        ("select_one", "read"),
        ("select_one_on_primary", "write"),
    ]
    assert sum(second.served for second in run.timeline) == 250  # the warm-up stands in the timeline
    assert run.connection_wait.count >= 8  # one probe for 20 requests of each worker
    assert {pool.name for pool in run.pools} == {"main", "read_1", "read_2"}
    assert seen[-1].served <= 250


def test_the_processors_are_accounted_for_by_program(pooled: Target) -> None:
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE") as generator:
        run = generator.run(pooled, replace(SHORT, rate=500.0))
    programs = {share.program for share in run.cpu}
    assert {"load generator", "postgres", "pgbouncer"} <= programs


def test_without_a_pool_every_request_waits_for_its_own_connection(direct: Target) -> None:
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE") as generator:
        run = generator.run(direct, replace(SHORT, rate=20.0))
    assert run.requests > 0
    assert run.connection_wait.count == run.requests
    assert run.connection_wait.mean_ms < run.everything.mean_ms
    assert run.pools == ()


def test_a_closed_loop_keeps_its_clients_busy(pooled: Target) -> None:
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE", processes=2) as generator:
        run = generator.run(pooled, ClosedLoop(clients=3, seconds=1.0, warm_up_s=0.2))
    assert run.rate == 0.0
    assert run.errors == 0
    assert run.queue_max == 3
    assert run.served_rate > 0


def test_the_hit_ratio_stands_beside_what_a_perfect_cache_could_reach(pooled: Target) -> None:
    with redis.Redis.from_url(pooled.redis_url) as client:
        client.unlink(*(f"trivial:{number}" for number in range(1000)))
    with LoadGenerator(f"{TRIVIAL}:CACHED_ONE", processes=2) as generator:
        cold = generator.run(pooled, replace(SHORT, seed=4))
        again = generator.run(pooled, replace(SHORT, seed=4))
    assert cold.hit_ratio is not None
    assert cold.ceiling_ratio is not None
    assert cold.hits + cold.misses == cold.requests
    assert cold.hit_ratio <= cold.ceiling_ratio < 1.0
    assert 0 < cold.distinct_keys <= 1000
    assert again.hit_ratio == again.ceiling_ratio == 1.0  # one seed asks for the very same keys
    assert again.cached is not None
    assert again.cached.count == again.operations[0].hits == again.requests
    assert sum(second.hits for second in again.timeline) >= again.hits


def test_a_deleted_key_is_a_miss_that_no_cache_could_avoid(pooled: Target, workload: str) -> None:
    with LoadGenerator(workload, settings={"only": ["read_and_forget"]}, processes=1) as generator:
        run = generator.run(pooled, replace(SHORT, rate=20.0, pattern="constant"))
    assert run.requests == 40
    assert run.misses >= 38  # two that overlap share one load or one value
    assert run.ceiling_ratio is not None
    assert run.ceiling_ratio < 0.1


def test_errors_are_counted_by_kind_and_operation_with_an_example(pooled: Target, workload: str) -> None:
    with LoadGenerator(workload, settings={"only": ["rejected", "mistaken"]}) as generator:
        run = generator.run(pooled, SHORT)
    assert run.errors == run.requests > 0
    assert run.in_time_ratio == 0.0
    assert {kind for kind, _ in run.error_kinds} == {"StatementFailed 22012", "KeyError"}
    by_name = {operation.name: dict(operation.error_kinds) for operation in run.operations}
    assert set(by_name["rejected"]) == {"StatementFailed 22012"}
    assert set(by_name["mistaken"]) == {"KeyError"}
    assert any("a mistake of the workload" in example for example in run.error_examples)


def test_requests_that_never_end_are_counted_with_the_time_they_took(pooled: Target, workload: str) -> None:
    with LoadGenerator(workload, settings={"only": ["slow"]}, processes=1) as generator:
        run = generator.run(pooled, replace(SHORT, rate=10.0, seconds=1.0, drain_s=0.5, pattern="constant"))
    assert run.error_kinds == (("unfinished", 10),)
    assert run.queue_end == 15
    assert run.everything.max_ms >= 1000


def test_an_overload_is_shed_when_too_much_is_in_flight(pooled: Target, workload: str) -> None:
    with LoadGenerator(workload, settings={"only": ["slow"]}, processes=1) as generator:
        load = replace(SHORT, rate=50.0, seconds=1.0, warm_up_s=0.0, drain_s=0.2, max_in_flight=10)
        run = generator.run(pooled, load)
    assert dict(run.error_kinds)["unfinished"] == 10
    assert dict(run.error_kinds)["shed"] == run.requests - 10


def test_what_was_counted_was_really_done(pooled: Target, database: Endpoints, workload: str) -> None:
    pooled = replace(pooled, write_url=database.main_url, read_urls=database.read_urls)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("create table arrivals (number int)")
        connection.execute("grant all on arrivals to public")
        with LoadGenerator(workload, settings={"only": ["write"]}) as generator:
            run = generator.run(pooled, replace(SHORT, warm_up_s=0.0))
        written = connection.execute("select count(*) from arrivals").fetchone()
    assert run.errors == 0
    assert written == (run.requests,)


def test_a_run_can_be_ended_early_and_another_begun(pooled: Target) -> None:
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE") as generator:
        generator.start(pooled, replace(SHORT, seconds=120.0, warm_up_s=0.0))
        with pytest.raises(UsageError, match="already running"):
            generator.start(pooled, SHORT)
        generator.stop()
        assert generator.wait().seconds < 60
        assert generator.run(pooled, replace(SHORT, seconds=0.5)).requests > 0


def test_a_target_that_cannot_be_reached_is_an_error_and_the_generator_lives_on(pooled: Target) -> None:
    nowhere = Target("nowhere", "postgresql://x:y@127.0.0.1:1/z", pooled=True)
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE") as generator:
        with pytest.raises(EngineError, match="main took no connection"):
            generator.run(nowhere, SHORT)
        assert generator.run(pooled, replace(SHORT, seconds=0.5)).errors == 0


def test_the_sustained_rate_is_proved_by_a_run_of_full_length(pooled: Target) -> None:
    steps: list[str] = []
    search = Search(guess_s=0.5, narrow_s=0.5, confirm_s=1.0, budget_s=8.0, warm_up_s=0.2, clients=2, start_share=0.2)
    with LoadGenerator(f"{TRIVIAL}:SELECT_ONE") as generator:
        found = find_sustained_rate(generator, pooled, search, lambda text, probe: steps.append(text))
    assert found.rate == found.run.rate == found.probes[-1].rate
    assert found.probes[-1].sustained is found.confirmed
    assert found.run.seconds == pytest.approx(1.0, abs=0.1)
    assert len(steps) == 1 + 2 * len(found.probes)
