"""Every command on a running tier, as a user types it."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines.machine import read_machine
from candlefish.engines.stack import Stack
from candlefish.engines.state import State, state_root
from candlefish.plan import make_plan
from candlefish.spec.load import load

Run = Callable[..., subprocess.CompletedProcess[str]]

LIGHT = "candlefish-light"
LIGHT_BASE = "8700"


def test_status_says_whole_and_names_every_program(stack: Stack, candlefish: Run) -> None:
    done = candlefish("status", "--name", stack.plan.name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0].startswith(f"{stack.plan.name}: whole")
    for program in ("etcd", "pgbouncer", "pg1", "pg2", "pg3", "redis1", "sentinel3", "follow"):
        assert program in done.stdout


def test_status_as_json_has_roles_lag_and_pools(stack: Stack, candlefish: Run) -> None:
    def fetch() -> tuple[dict[str, Any], list[str]]:
        seen = json.loads(candlefish("status", "--name", stack.plan.name, "--json").stdout)
        return seen, [program["role"] for program in seen["programs"] if program["name"].startswith("pg")]

    # Patroni names its synchronous standby a moment after the primary waits for it
    assert process.wait_until(lambda: "synchronous standby" in fetch()[1], timeout_s=30)
    seen, roles = fetch()
    assert seen["whole"] is True
    assert roles.count("primary") == 1
    assert roles.count("synchronous standby") == 1
    assert any(pool["database"].endswith("_main") for pool in seen["pools"])


def test_env_is_read_by_a_shell(stack: Stack, tier: Endpoints, candlefish: Run) -> None:
    exports = candlefish("env", "--name", stack.plan.name).stdout
    script = f'{exports}\nprintf "%s\\n" "$CANDLEFISH_READ_URLS" "$PGBOUNCER_PORT"'
    printed = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed == [",".join(tier.read_urls), str(tier.pgbouncer_port)]


def test_env_as_json_is_the_same(stack: Stack, tier: Endpoints, candlefish: Run) -> None:
    assert json.loads(candlefish("env", "--name", stack.plan.name, "--json").stdout) == tier.to_env()


def test_env_of_an_unknown_database_names_those_that_are_there(stack: Stack, candlefish: Run) -> None:
    done = candlefish("env", "--name", stack.plan.name, "--database", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "it serves candlefish" in done.stderr


@pytest.mark.parametrize("endpoint", ["main", "read", "session", "analytics", "admin"])
def test_psql_reaches_every_endpoint(stack: Stack, candlefish: Run, endpoint: str) -> None:
    done = candlefish("psql", "--name", stack.plan.name, "--endpoint", endpoint, "--", "-Atc", "select 6 * 7")
    assert (done.returncode, done.stdout.strip()) == (0, "42"), done.stderr


def test_redis_cli_reaches_the_primary(stack: Stack, candlefish: Run) -> None:
    done = candlefish("redis-cli", "--name", stack.plan.name, "--", "role")
    assert done.stdout.splitlines()[0] == "master", done.stderr


def test_logs_show_the_last_lines_of_one_program(stack: Stack, candlefish: Run) -> None:
    done = candlefish("logs", "pg1", "--name", stack.plan.name, "--lines", "3")
    assert len(done.stdout.splitlines()) == 3
    assert all(line.strip().startswith("pg1 |") for line in done.stdout.splitlines())


def test_logs_of_an_unknown_program_name_the_known_ones(stack: Stack, candlefish: Run) -> None:
    done = candlefish("logs", "pg9", "--name", stack.plan.name)
    assert done.returncode == 2
    assert "pgbouncer" in done.stderr


def test_destroy_deletes_nothing_without_a_yes(stack: Stack, candlefish: Run) -> None:
    done = candlefish("destroy", "--name", stack.plan.name)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert stack.supervisor.is_running()


def test_what_cannot_change_while_the_tier_runs_is_refused(stack: Stack, candlefish: Run) -> None:
    done = candlefish("up", "--name", stack.plan.name, "--port-base", "8900")
    assert done.returncode == 2
    assert "port_base" in done.stderr
    assert stack.supervisor.is_running()


def test_a_light_tier_lives_its_life(candlefish: Run) -> None:
    """Up, up again, a row, down, up with the row still there, destroy."""
    options = ("--name", LIGHT)
    state = State(state_root() / LIGHT)
    if state.exists():
        candlefish("destroy", "--yes", *options)
    up = ("up", *options, "--port-base", LIGHT_BASE, "--light", "--json")
    try:
        first = candlefish(*up)
        assert first.returncode == 0, first.stderr
        endpoints = json.loads(first.stdout)["endpoints"]
        assert endpoints["CANDLEFISH_SENTINEL_URL"] == ""
        with psycopg.connect(endpoints["CANDLEFISH_MAIN_URL"], prepare_threshold=None) as connection:
            connection.execute("create table kept (id int)")
            connection.execute("insert into kept values (1)")
        assert json.loads(candlefish(*up).stdout)["endpoints"] == endpoints
        with psycopg.connect(endpoints["CANDLEFISH_READ_URLS"], prepare_threshold=None) as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (1,)
        assert candlefish("down", *options).returncode == 0
        assert candlefish("status", *options).returncode == 3
        assert "was down already" in candlefish("down", *options).stdout
        assert candlefish(*up).returncode == 0
        with psycopg.connect(
            endpoints["CANDLEFISH_ANALYTICS_URL"], autocommit=True, prepare_threshold=None
        ) as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (1,)
    finally:
        gone = candlefish("destroy", "--yes", *options)
    assert gone.returncode == 0, gone.stderr
    assert not state.root.exists()


def test_a_changed_setting_reaches_the_running_tier(stack: Stack) -> None:
    spec = load(None, {**stack.plan.spec.model_dump(mode="json"), "postgres.statement_timeout": "4min"})
    Stack(make_plan(spec, read_machine()), stack.state).up()

    def is_set() -> bool:
        with psycopg.connect(stack.endpoints().admin_url) as connection:
            return connection.execute("show statement_timeout").fetchone() == ("4min",)

    try:
        assert process.wait_until(is_set, timeout_s=30, poll_s=0.5)
    finally:
        stack.up()
