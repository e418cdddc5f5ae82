"""pgbench and redis-benchmark, run as programs against the tier."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from candlefish.bench.pgbench import PgbenchLoad, parse_script, run_pgbench
from candlefish.bench.redis_benchmark import run_redis_benchmark
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError

CANDLEFISH = str(Path(sys.executable).parent / "candlefish")
SHORT = PgbenchLoad(clients=4, seconds=2.0, warm_up_s=1.0)


@pytest.fixture
def scripts(tmp_path: Path, database: Endpoints) -> list[str]:
    """Give a script that reads and one that writes, nine to one, on a table of ten rows."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("create table shelf as select id, 'x' as title from generate_series(1, 10) id")
        connection.execute("grant all on shelf to public")
    (tmp_path / "read.sql").write_text("\\set id random(1, :rows)\nselect title from shelf where id = :id;\n")
    (tmp_path / "write.sql").write_text("begin;\nupdate shelf set title = 'y' where id = 1;\ncommit;\n")
    return [f"{tmp_path / 'read.sql'}@9", f"{tmp_path / 'write.sql'}@1"]


@pytest.mark.parametrize("endpoint", ["main_url", "session_url", "admin_url"])
@pytest.mark.parametrize("rate", [0.0, 100.0])
def test_scripts_run_by_weight_on_an_endpoint(
    database: Endpoints, scripts: list[str], endpoint: str, rate: float
) -> None:
    load = PgbenchLoad(clients=4, seconds=2.0, warm_up_s=1.0, rate=rate, definitions=("rows=10",))
    run = run_pgbench(getattr(database, endpoint), [parse_script(script) for script in scripts], load)
    assert run.errors == 0
    reads, writes = run.operations
    assert (reads.name, reads.kind, writes.name, writes.kind) == ("read.sql", "read", "write.sql", "write")
    assert reads.requests > writes.requests > 0
    assert run.requests == reads.requests + writes.requests == run.everything.count
    assert (run.late_start is not None) is bool(rate)
    assert "pgbench" in {share.program for share in run.cpu}


def test_a_script_that_cannot_run_shows_what_the_server_said(database: Endpoints, tmp_path: Path) -> None:
    (tmp_path / "wrong.sql").write_text("select * from nowhere;\n")
    with pytest.raises(EngineError) as failed:
        run_pgbench(database.main_url, [parse_script(str(tmp_path / "wrong.sql"))], SHORT)
    assert 'relation "nowhere" does not exist' in failed.value.detail


def test_the_command_measures_scripts_and_prints_one_object(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("select 1;\n")
    command = [CANDLEFISH, "bench", "--name", stack.plan.name, "--json"]
    command += ["--script", "one.sql@2", "--seconds", "1", "--warm-up", "0", "--clients", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["errors"] == 0
    assert printed["operations"][0]["name"] == "one.sql"
    assert printed["requests"] == printed["everything"]["count"] > 0


def test_the_command_refuses_a_script_that_does_not_exist(stack: Stack, tmp_path: Path) -> None:
    command = [CANDLEFISH, "bench", "--name", stack.plan.name, "--script", "no.sql"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no script 'no.sql'" in done.stderr


def test_redis_benchmark_measures_and_leaves_nothing_behind(database: Endpoints) -> None:
    with redis.Redis.from_url(database.redis_url) as client:
        users = client.acl_list()
        written, read = run_redis_benchmark(database.redis_url, seconds=0.5)
        assert (written.command, read.command) == ("SET", "GET")
        assert written.ops_per_second > 0
        assert read.ops_per_second > 0
        assert client.acl_list() == users
        assert not client.exists(*(f"key:{number:012d}" for number in range(100)))


def test_a_redis_that_is_not_there_is_said() -> None:
    with pytest.raises(EngineError, match="benchmark's user"):
        run_redis_benchmark("redis://:x@127.0.0.1:1/0")
