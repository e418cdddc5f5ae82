"""Secrets change under load: nobody is logged out, and a rotation that was killed is finished by the next."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import closing
from functools import partial

import asyncpg
import pytest
from tests.live.pooler.conftest import (
    ADMIN,
    APP,
    MONITOR,
    PASSWORDS,
    StartPooler,
    current_login,
    fetch,
    superuser,
)

from candlefish import process
from candlefish.aws import secrets
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError, Unavailable, UsageError
from candlefish.pooler import rotate as rotation
from candlefish.pooler.cache_token import accepts_token, rotate_token
from candlefish.pooler.rotate import LOCK, read_rotation, rotate

pytestmark = pytest.mark.live

SECOND = "candlefish_app_2"


@pytest.fixture
def env(roles: dict[str, str], server_env: dict[str, str], aws: dict[str, str]) -> dict[str, str]:
    """Give the environment of the rotation task; the poolers of these tests look at their secrets each 0.3 s."""
    return server_env | aws | {"ANNOUNCE_S": "1.5"}


def run(env: dict[str, str], *, dry_run: bool = False) -> list[str]:
    said: list[str] = []
    rotate(read_rotation(env), dry_run=dry_run, say=said.append)
    return said


def log_in(login: dict[str, str], env: dict[str, str]) -> object:
    url = f"postgresql://{login['username']}:{login['password']}@{env['DB_HOST']}:{env['DB_PORT']}/{env['DB_NAME']}"
    return asyncio.run(fetch(f"{url}?sslmode=require", "select session_user::text"))


def labels(secret: str) -> dict[str, str]:
    with closing(secrets.connect()) as client:
        return secrets.fetch_versions(client, secret)


def token() -> str:
    with closing(secrets.connect()) as client:
        return secrets.fetch_secret(client, "candlefish/redis", "auth_token")["auth_token"]


async def test_two_rotations_under_load_fail_no_query_and_log_nobody_out(
    env: dict[str, str], pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start({name: value for name, value in pooler_env.items() if "PASSWORD" not in name} | env)
    failed: list[BaseException] = []
    asked, done = {"held": 0, "fresh": 0}, asyncio.Event()

    async def keep_asking() -> None:
        connection = await asyncpg.connect(program.url())  # as the user of before both rotations
        while not done.is_set():
            try:
                await connection.execute("insert into load values (1)")
                asked["held"] += 1
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                failed.append(error)
                return
        await connection.close()

    async def keep_coming() -> None:
        while not done.is_set():
            login = await asyncio.to_thread(current_login)
            try:
                await fetch(program.url(login["username"], login["password"]), "select 1")
                asked["fresh"] += 1
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                failed.append(error)

    def more_were_served(before: dict[str, int]) -> bool:
        return bool(failed) or all(asked[name] > before[name] for name in asked)

    await fetch(program.url(), "create table load (n int)")
    clients = [asyncio.create_task(work()) for work in (keep_asking, keep_asking, keep_coming)]
    users = []
    for _ in range(2):
        before = dict(asked)
        await asyncio.to_thread(run, env)
        users.append((await asyncio.to_thread(current_login))["username"])
        await asyncio.to_thread(process.wait_until, partial(more_were_served, before), timeout_s=60)
    await asyncio.to_thread(program.wait_for, "users: candlefish_app, candlefish_app_2")
    done.set()
    await asyncio.gather(*clients)
    assert failed == []
    assert users == [SECOND, APP]
    with superuser() as connection:
        assert connection.execute("select count(*) from load").fetchone() == (asked["held"],)
        assert connection.execute("select tableowner from pg_tables where tablename = 'load'").fetchone() == (
            "candlefish_owner",
        )


async def test_the_user_of_before_may_still_come_and_the_servers_see_the_new_one(
    env: dict[str, str], pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start({name: value for name, value in pooler_env.items() if "PASSWORD" not in name} | env)
    await asyncio.to_thread(run, env)
    await asyncio.to_thread(program.wait_for, f"users: {SECOND}, {APP}")
    for _ in range(3):
        assert await fetch(program.url(), "select session_user::text") == SECOND


def test_every_password_is_new_and_the_administrators_too(env: dict[str, str]) -> None:
    said = run(env)
    app, admin = current_login(), current_login("candlefish/admin")
    assert (app["username"], admin["username"]) == (SECOND, ADMIN)
    assert app["password"] not in PASSWORDS.values()
    assert admin["password"] != PASSWORDS[ADMIN]
    assert [log_in(login, env) for login in (app, admin)] == [SECOND, ADMIN]
    with pytest.raises(asyncpg.InvalidPasswordError):
        log_in({"username": ADMIN, "password": PASSWORDS[ADMIN]}, env)
    assert log_in({"username": APP, "password": PASSWORDS[APP]}, env) == APP
    assert secrets.PENDING not in labels("candlefish/app")
    assert not any(login["password"] in line for login in (app, admin) for line in said)


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


STEPS = ("put_pending", "_set_password", "try_login", "promote")
KILLS = [(step, nth) for step in STEPS for nth in (1, 2)] + [("_announce", 1)]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("step", "nth"), KILLS)
def test_a_rotation_that_was_killed_at_any_step_is_finished_by_the_next(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch, step: str, nth: int, moment: str
) -> None:
    env["ANNOUNCE_S"] = "0"
    with monkeypatch.context() as killing:
        _kill_at(killing, step, moment, nth)
        with pytest.raises(Killed):
            run(env)
    assert log_in(current_login(), env) in (APP, SECOND)  # nobody is locked out in between
    run(env)
    app, admin = current_login(), current_login("candlefish/admin")
    assert log_in(app, env) == app["username"]
    assert log_in(admin, env) == ADMIN
    assert secrets.PENDING not in labels("candlefish/app") | labels("candlefish/admin")


def _kill_at(killing: pytest.MonkeyPatch, step: str, moment: str, nth: int) -> None:
    """End a rotation around the nth call of a step: the first is the application's, the second the admin's."""
    owner = secrets if step in ("put_pending", "promote") else rotation
    real, calls = getattr(owner, step), [0]

    def count() -> bool:
        calls[0] += 1
        return calls[0] == nth

    def sync_step(*args: object) -> object:
        last = count()
        if last and moment == "before":
            raise Killed
        answer = real(*args)
        if last:
            raise Killed
        return answer

    async def async_step(*args: object, **options: object) -> object:
        last = count()
        if last and moment == "before":
            raise Killed
        answer = await real(*args, **options)
        if last:
            raise Killed
        return answer

    killing.setattr(owner, step, async_step if asyncio.iscoroutinefunction(real) else sync_step)


def test_a_password_that_was_prepared_is_used_and_not_made_anew(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killing:
        _kill_at(killing, "_set_password", "after", 1)
        with pytest.raises(Killed):
            run(env)
    version = labels("candlefish/app")[secrets.PENDING]
    with closing(secrets.connect()) as client:
        prepared = secrets.fetch_secret(client, "candlefish/app", "password", version=version)
    assert "begun by an earlier rotation" in "\n".join(run(env))
    assert current_login()["password"] == prepared["password"]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(env: dict[str, str]) -> None:
    before = (labels("candlefish/app"), labels("candlefish/admin"))
    cache = {"REDIS_REPLICATION_GROUP_ID": "harbour", "AWS_REDIS_SECRET_NAME": "candlefish/redis"}
    said = run(env | cache, dry_run=True)
    assert said == [
        "would rotate candlefish/app: a new password for candlefish_app_2; current is candlefish_app",
        "would rotate candlefish/admin: a new password for candlefish_admin; current is candlefish_admin",
        "would rotate candlefish/redis: a new token for harbour",
    ]
    assert (labels("candlefish/app"), labels("candlefish/admin")) == before


def test_two_rotations_at_once_are_not_possible(env: dict[str, str]) -> None:
    with superuser() as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(EngineError, match="another rotation of shop is at work"):
            run(env)
    assert secrets.PENDING not in labels("candlefish/app")


def test_without_the_roles_the_way_to_make_them_is_said(env: dict[str, str]) -> None:
    with superuser() as connection:
        connection.execute(f"drop owned by {SECOND}; drop role {SECOND}")
    with pytest.raises(UsageError, match=f"there is no user {SECOND}"):
        run(env)


def test_the_program_rotates_with_its_environment_alone(env: dict[str, str]) -> None:
    argv = [sys.executable, "-m", "candlefish.pooler", "rotate"]
    done = subprocess.run(argv, env={**os.environ, **env, "ANNOUNCE_S": "0"}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"rotated candlefish/app: current is {SECOND}" in done.stderr
    assert not any(secret in done.stderr for secret in (*PASSWORDS.values(), current_login()["password"]))


@pytest.fixture
def cache_env(env: dict[str, str]) -> dict[str, str]:
    """Give the environment with a cache besides; that of the stand-in answers nowhere."""
    with closing(secrets.connect()) as client, closing(secrets.connect("elasticache")) as cache:
        client.create_secret(Name="candlefish/redis", SecretString=json.dumps({"auth_token": "a" * 64}))
        cache.create_replication_group(
            ReplicationGroupId="harbour", ReplicationGroupDescription="cache", AuthToken="a" * 64,
            TransitEncryptionEnabled=True, NumCacheClusters=2, AutomaticFailoverEnabled=True, Engine="redis",
            CacheNodeType="cache.t4g.micro",
        )  # fmt: skip
    return env | {"REDIS_REPLICATION_GROUP_ID": "harbour", "AWS_REDIS_SECRET_NAME": "candlefish/redis"}


def test_the_cache_gets_a_new_token_and_what_could_not_be_proved_is_said(cache_env: dict[str, str]) -> None:
    said = "\n".join(run(cache_env))
    new = token()
    assert (len(new), new.isalnum(), new != "a" * 64) == (64, True, True)
    assert "rotated candlefish/redis" in said
    assert "not proved" in said
    assert new not in said


def test_a_token_that_was_prepared_is_used_to_its_end(cache_env: dict[str, str]) -> None:
    with closing(secrets.connect()) as client, closing(secrets.connect("elasticache")) as cache:
        secrets.put_pending(client, "candlefish/redis", {"auth_token": "b" * 64})
        rotate_token(client, cache, "candlefish/redis", "harbour", say=print)
    assert token() == "b" * 64
    assert secrets.PENDING not in labels("candlefish/redis")


def test_a_failing_database_does_not_keep_the_cache_from_its_token(cache_env: dict[str, str]) -> None:
    with pytest.raises(Unavailable):
        run(cache_env | {"DB_PORT": "1"})
    assert token() != "a" * 64


def test_both_failures_are_told(cache_env: dict[str, str]) -> None:
    with pytest.raises(EngineError, match="can't be reached now; could not look up"):
        run(cache_env | {"DB_PORT": "1", "REDIS_REPLICATION_GROUP_ID": "nowhere"})


def test_a_cache_takes_its_token_and_no_other(stack: Stack) -> None:
    node = stack.plan.redis.nodes[0]
    assert accepts_token(node.host, node.port, stack.tier.secrets.redis, tls=False)
    assert not accepts_token(node.host, node.port, "another", tls=False)
    with pytest.raises(Unavailable):
        accepts_token(node.host, 1, "another")


def test_a_secret_that_is_lost_later_is_a_warning_and_the_old_ones_go_on(
    pooler_env: dict[str, str], env: dict[str, str], start: StartPooler
) -> None:
    program = start({name: value for name, value in pooler_env.items() if "PASSWORD" not in name} | env)
    with closing(secrets.connect()) as client:
        client.delete_secret(SecretId="candlefish/monitor", ForceDeleteWithoutRecovery=True)
    program.wait_for("the credentials of before go on")
    assert asyncio.run(fetch(program.url(), "select 1")) == 1


async def test_no_secret_stands_in_any_line_of_the_pooler(
    pooler_env: dict[str, str], env: dict[str, str], start: StartPooler
) -> None:
    program = start({name: value for name, value in pooler_env.items() if "PASSWORD" not in name} | env)
    await fetch(program.url(), "select 1")
    with pytest.raises(asyncpg.PostgresError):
        await fetch(program.url(APP, "aWrongPassword"), "select 1")
    await asyncio.to_thread(run, env)
    await asyncio.to_thread(program.wait_for, f"users: {SECOND}, {APP}")
    await asyncio.to_thread(program.stop)
    new = [current_login(name)["password"] for name in ("candlefish/app", "candlefish/admin")]
    for secret in (*PASSWORDS.values(), *new, "aWrongPassword"):
        assert secret not in program.text
    assert MONITOR not in "".join(program.out)
