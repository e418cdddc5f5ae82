"""The container's program as a process: secrets from everywhere, TLS on both sides, health, errors."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import asyncpg
import psycopg
import pytest
from tests.live.pooler.conftest import (
    APP,
    DATABASE,
    MONITOR,
    PASSWORDS,
    POOLER_PORT,
    Certificates,
    StartPooler,
    fetch,
    health,
    superuser,
)

from candlefish import process
from candlefish.engines.stack import Stack
from candlefish.pooler.bootstrap import bootstrap, read_roles

pytestmark = pytest.mark.live

WHO = "select session_user || ' as ' || current_user"


def write(folder: str, name: str, text: str) -> str:
    """Write a file that the service user can read."""
    path = Path(folder) / name
    path.write_text(text)
    path.chmod(0o600)
    if user := process.service_user():
        shutil.chown(path, user, user)
    return str(path)


async def test_secrets_in_the_environment_serve_every_endpoint(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env)
    for endpoint in ("main", "read", "read_1", "session", "analytics"):
        assert await fetch(program.url(endpoint=endpoint), WHO) == "candlefish_app as candlefish_owner"


async def test_secrets_in_files_serve_and_a_changed_file_is_taken_up(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    folder = pooler_env["RUN_DIR"]
    for name in ("DB_PASSWORD", "MONITOR_PASSWORD"):
        pooler_env[f"{name}_FILE"] = write(folder, name.lower(), pooler_env.pop(name) + "\n")
    program = start(pooler_env)
    assert await fetch(program.url(), "select 1") == 1
    with superuser() as connection:
        connection.execute(f"alter role {APP} password 'theNextPassword42'")
    write(folder, "db_password", "theNextPassword42")
    program.wait_for("the secrets changed")
    assert await fetch(program.url(password="theNextPassword42"), "select 1") == 1


async def test_secrets_of_aws_serve(pooler_env: dict[str, str], aws: dict[str, str], start: StartPooler) -> None:
    for name in ("DB_USERNAME", "DB_PASSWORD", "MONITOR_PASSWORD"):
        del pooler_env[name]
    program = start(pooler_env | aws)
    assert await fetch(program.url(), WHO) == "candlefish_app as candlefish_owner"


async def test_both_sides_are_encrypted(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env)
    with pytest.raises((asyncpg.PostgresError, ConnectionError), match=r"(?i)ssl|tls"):
        await asyncpg.connect(program.url().replace("require", "disable"))
    encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
    assert await fetch(program.url(), encrypted) is True


async def test_a_certificate_that_was_given_is_shown(
    pooler_env: dict[str, str], certificates: Certificates, start: StartPooler
) -> None:
    pooler_env["TLS_CERTIFICATE"] = certificates.server.read_text()
    pooler_env["TLS_PRIVATE_KEY"] = certificates.key.read_text()
    program = start(pooler_env)
    trusted = ssl.create_default_context(cafile=str(certificates.authority))
    url = program.url().partition("?")[0].replace("127.0.0.1", "localhost")
    connection = await asyncpg.connect(url, ssl=trusted)
    assert await connection.fetchval("select 1") == 1
    await connection.close()


def test_a_database_whose_authority_is_not_known_is_refused(
    pooler_env: dict[str, str], certificates: Certificates, start: StartPooler
) -> None:
    program = start(pooler_env | {"DB_CA_FILE": str(certificates.stranger)}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for(f"is not signed by an authority of {certificates.stranger}")


def test_a_database_with_another_name_than_its_certificate_is_refused(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DB_HOST": "127.0.0.1"}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("or has another name")


def test_a_wrong_password_names_user_host_and_secret_and_shows_nothing(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DB_PASSWORD": "wrongPassword4711"}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("refuses the user candlefish_app with the password of DB_PASSWORD")
    assert f"localhost:{pooler_env['DB_PORT']}" in program.text
    assert "wrongPassword4711" not in program.text


def test_a_secret_of_aws_that_the_database_refuses_is_told_until_bootstrap_has_run(
    pooler_env: dict[str, str], aws: dict[str, str], start: StartPooler
) -> None:
    with superuser() as connection:
        connection.execute(f"alter role {APP} password 'somebodyElse42'")
    env = {name: pooler_env[name] for name in pooler_env if name not in ("DB_USERNAME", "DB_PASSWORD")} | aws
    program = start(env)
    refused = "refuses the user candlefish_app with the password of the secret candlefish/app"
    program.wait_for(refused, times=2)
    line = next(line for line in program.err if refused in line)
    assert line.startswith("candlefish.pooler: error: the database localhost:")
    assert "`bootstrap`" in line
    assert PASSWORDS[APP] not in program.text
    assert health(env).returncode == 0
    bootstrap(read_roles(env), dry_run=False, show=print, say=print)
    program.wait_for("the database takes candlefish_app now")
    assert asyncio.run(until_served(program.url())) == 1
    assert program.stop() == 0


async def until_served(url: str) -> object:
    """Ask until PgBouncer tries the servers again, some time after a login that was refused (server_login_retry)."""
    for _ in range(30):
        with contextlib.suppress(asyncpg.PostgresError):
            return await fetch(url, "select 1")
        await asyncio.sleep(1)
    return await fetch(url, "select 1")


def test_a_database_that_is_not_there_ends_the_start_with_a_secret_of_aws_too(
    pooler_env: dict[str, str], aws: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | aws | {"DB_NAME": "nobodys"}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("there is no database nobodys")


def test_a_missing_secret_of_aws_is_named(pooler_env: dict[str, str], aws: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | aws | {"AWS_SECRET_NAME": "candlefish/nobody"}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("could not look up the secret candlefish/nobody")


def test_every_missing_variable_is_named_at_once(start: StartPooler, tmp_path: Path) -> None:
    program = start({"DB_TLS": "disable"}, ready=False)
    assert program.child.wait(60) == 2
    for name in ("DB_HOST", "DB_NAME", "DB_USERNAME", "DB_PASSWORD_FILE"):
        program.wait_for(name)


def test_a_database_that_is_away_is_a_warning_and_the_pooler_comes_up(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DB_PORT": "1"})
    program.wait_for("can't be reached now")
    assert health(pooler_env).returncode == 0


def test_health_is_true_while_the_pooler_answers_and_false_when_it_does_not(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    assert health(pooler_env).stdout.startswith("unhealthy: the pooler has not started")
    program = start(pooler_env)
    done = health(pooler_env)
    assert (done.returncode, done.stdout[:18]) == (0, "healthy: PgBouncer")
    pooler = int((Path(pooler_env["RUN_DIR"]) / "pgbouncer.pid").read_text())
    os.kill(pooler, signal.SIGSTOP)
    done = health(pooler_env)
    assert (done.returncode, "did not answer within" in done.stdout) == (1, True)
    os.kill(pooler, signal.SIGCONT)
    assert health(pooler_env).returncode == 0
    program.stop()
    assert health(pooler_env).returncode == 1


def test_deep_health_asks_the_database_and_the_plain_one_does_not(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env)
    done = health(pooler_env, "--deep")
    assert (done.returncode, "a primary at" in done.stdout) == (0, True)
    program.stop()
    start(pooler_env | {"DB_PORT": "1"})
    assert health(pooler_env).returncode == 0
    assert health(pooler_env, "--deep").returncode == 1


def test_the_monitoring_user_may_look_and_not_touch(pooler_env: dict[str, str], start: StartPooler) -> None:
    start(pooler_env)
    with psycopg.connect(
        host="127.0.0.1", port=POOLER_PORT, user=MONITOR, password=PASSWORDS[MONITOR], dbname="pgbouncer",
        sslmode="require", autocommit=True,
    ) as console:  # fmt: skip
        assert console.execute("show pools").fetchall()
        with pytest.raises(psycopg.Error, match="admin access needed"):
            console.execute("pause")


async def test_metrics_are_lines_that_cloudwatch_reads(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"TIER_NAME": "harbour"})
    connection = await asyncpg.connect(program.url())
    for _ in range(20):
        await connection.fetchval("select pg_sleep(0.05)")
    program.wait_for('"QueryTime":')
    await connection.close()
    lines = [json.loads(line) for line in program.out]
    assert {line["Tier"] for line in lines} == {"harbour"}
    busy = next(line for line in lines if "QueryTime" in line)
    assert busy["QueryTime"] > 10
    assert busy["ClientConnections"] == 1
    assert busy["ServerConnections"] >= 1


def test_a_setting_that_pgbouncer_does_not_know_ends_with_its_own_words(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"PGBOUNCER_SETTINGS": '{"no_such_setting": "1"}'}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("PgBouncer ended by itself")
    assert re.search(r"no_such_setting", program.text)


def test_a_pgbouncer_that_dies_ends_the_container_with_its_last_lines(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env)
    os.kill(int((Path(pooler_env["RUN_DIR"]) / "pgbouncer.pid").read_text()), signal.SIGKILL)
    assert program.child.wait(60) == 3
    program.wait_for("PgBouncer ended by itself with code -9")
    assert "process up" in program.text.split("ended by itself")[1]


def test_the_files_of_the_run_folder_are_their_owners_alone(pooler_env: dict[str, str], start: StartPooler) -> None:
    start(pooler_env)
    folder = Path(pooler_env["RUN_DIR"])
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir() if path.suffix != ".crt"}
    assert modes.pop("pgbouncer.pid")
    assert set(modes.values()) == {"0o600"}
    assert set(modes) == {"access.json", "pgbouncer.ini", "tls.key", "users.txt"}
    assert not any(password in (folder / "pgbouncer.ini").read_text() for password in PASSWORDS.values())


def test_a_folder_that_can_not_be_written_is_said(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"RUN_DIR": "/proc/candlefish"}, ready=False)
    assert program.child.wait(60) == 3
    program.wait_for("could not write /proc/candlefish")


def test_sighup_writes_and_reads_everything_again(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"SECRET_POLL_S": "3600"})
    users = Path(pooler_env["RUN_DIR"]) / "users.txt"
    users.unlink()
    program.child.send_signal(signal.SIGHUP)
    program.wait_for("reloaded (as asked)")
    assert APP in users.read_text()


INHERIT = """
import ctypes, subprocess, sys
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what Linux makes of PID 1 of a container
subprocess.run(["sh", "-c", "sleep 0.1 & echo $!"])
import time
from candlefish import process
keep = process.start(["sleep", "30"], on_line=print, on_end=lambda: None, open_files=64)
time.sleep(0.5)
process.reap_strays(keep.pid)
import os, signal
keep.signal(signal.SIGTERM)
print(keep.finish(10), end="")
try:
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
except ChildProcessError:
    print(" and no zombie")
"""


def test_ended_processes_that_pid_1_inherits_are_reaped_and_its_own_is_kept() -> None:
    done = subprocess.run([sys.executable, "-c", INHERIT], capture_output=True, text=True)
    assert done.stdout.splitlines()[1:] == ["-15 and no zombie"], done.stderr


async def test_the_local_tier_is_served_with_its_replicas(
    pooler_env: dict[str, str], stack: Stack, start: StartPooler
) -> None:
    primary = stack.require_primary()
    replicas = [node for node in stack.plan.postgres.nodes if node != primary]
    env = pooler_env | {
        "DB_HOST": primary.host, "DB_PORT": str(primary.port), "DB_NAME": stack.plan.postgres.database,
        "DB_READ_HOSTS": ",".join(node.host for node in replicas), "DB_TLS": "disable",
        "DB_PASSWORD": stack.tier.secrets.app, "MONITOR_PASSWORD": stack.tier.secrets.monitor,
    }  # fmt: skip
    program = start(env)
    base = program.url(password=stack.tier.secrets.app).replace(DATABASE, stack.plan.postgres.database)
    where = "select host(inet_server_addr())"
    assert await fetch(base, where) == primary.host
    for number, node in enumerate(replicas, start=1):
        assert await fetch(base.replace("_main", f"_read_{number}"), where) == node.host
    assert health(env, "--deep").returncode == 0


async def test_a_folder_that_is_full_later_is_a_warning_and_the_credentials_of_before_go_on(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    folder = pooler_env["RUN_DIR"]
    pooler_env["DB_PASSWORD_FILE"] = write(folder, "password", pooler_env.pop("DB_PASSWORD"))
    program = start(pooler_env)
    os.mkdir(f"{folder}/users.txt.new")  # noqa: PTH102 - a coroutine may not use Path
    write(folder, "password", "anotherPassword")
    program.wait_for("the credentials of before go on")
    assert await fetch(program.url(), "select 1") == 1
    assert program.stop() == 0
    assert "idle clients stay until the end" in program.text


def test_an_order_to_stop_that_comes_while_it_starts_is_obeyed(pooler_env: dict[str, str], start: StartPooler) -> None:
    env = pooler_env | {"DB_PORT": "1", "DRAIN_S": "0"}
    program = start(env, ready=False)
    program.wait_for("can't be reached now")
    assert program.stop() == 0, program.text
