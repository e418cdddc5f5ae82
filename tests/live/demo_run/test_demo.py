"""The whole demo at a small scale: what it prints, what it leaves, what it refuses to drop."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from candlefish.demo.ownership import claim_database
from candlefish.errors import UsageError

Demo = Callable[..., CompletedProcess[str]]

PROMISED = {
    "query_avg", "query_p95", "read_avg", "write_avg", "connection_wait", "server_connections", "cache_hit_ratio",
    "cached_response_p95", "cache_ops_per_second", "cache_memory_ratio", "evictions_per_minute", "replica_lag",
    "query_p95_at_10x", "errors_at_10x",
}  # fmt: skip


@pytest.mark.timeout(600)
def test_the_demo_measures_every_promise_and_can_be_run_again(demo: Demo, own_database: str, tmp_path: Path) -> None:
    first = demo("--json", "--ablation")
    assert first.returncode == 0, first.stderr
    result = json.loads(first.stdout)
    objectives = {objective["name"]: objective for objective in result["objectives"]}
    assert set(objectives) >= PROMISED
    for name in PROMISED:
        assert {"name", "unit", "before", "after", "improvement", "target", "met"} <= set(objectives[name])
        assert objectives[name]["after"] is not None, name
    assert objectives["query_avg"]["before"] > 0
    assert objectives["errors_at_10x"]["after"] == 0

    assert result["optimisation"]["errors"] == 0
    assert result["optimisation"]["requests"] > 0
    assert result["after_10x"]["rate"] == pytest.approx(10 * result["rate"])
    assert [row["name"] for row in result["ablation"]] == [
        "nothing", "indexes alone", "pooling alone", "replicas alone", "cache alone", "all of them",
    ]  # fmt: skip
    assert {share["program"] for share in result["before"]["cpu"]} >= {"postgres", "load generator"}
    assert len(result["indexes"]) >= 30

    page = (tmp_path / "reports" / "demo.html").read_text()
    assert "objectives met" in page
    assert json.loads((tmp_path / "reports" / "demo.json").read_text()) == result

    again = demo()
    assert again.returncode == 0, again.stderr
    assert "objectives met" in again.stdout
    assert "candlefish destroy --name" in again.stdout


def test_tables_of_somebody_else_are_named_and_left_alone(demo: Demo, own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("create table users (id int primary key)")
        connection.execute("insert into users values (1)")
        refused = demo()
        assert refused.returncode == 2
        assert "holds tables that the demo did not make" in refused.stderr
        assert "public.users" in refused.stderr
        assert connection.execute("select count(*) from users").fetchone() == (1,)


def test_a_table_added_to_a_demo_of_earlier_stops_the_next_one(own_database: str) -> None:
    claim_database(own_database)
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("create table dashboards (id int)")
        claim_database(own_database)  # the demo's own, whatever state a broken demo left it in
        connection.execute("create table my_notes (id int)")
    with pytest.raises(UsageError, match="did not make") as error:
        claim_database(own_database)
    assert error.value.detail == "public.my_notes"


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_runs(demo: Demo) -> None:
    refused = demo("--output", "/proc/nowhere")
    assert refused.returncode == 3
    assert "could not write the folder /proc/nowhere" in refused.stderr
    assert "--output" in refused.stderr
