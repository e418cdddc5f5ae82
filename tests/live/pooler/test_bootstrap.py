"""The roles of a database whose administrator is no superuser, as on RDS."""

import asyncio

import asyncpg
import pytest
from tests.live.pooler.conftest import ADMIN, APP, MONITOR, PASSWORDS, Place, StartPooler, superuser

from candlefish.errors import EngineError
from candlefish.pooler.bootstrap import bootstrap, read_roles
from candlefish.pooler.credentials import Login
from candlefish.pooler.environment import Reader, read_server
from candlefish.pooler.login import LoginRefused, open_connection

pytestmark = pytest.mark.live

SECOND = "candlefish_app_2"


async def login(env: dict[str, str], user: str, password: str = "") -> "asyncpg.Connection[asyncpg.Record]":
    server = read_server(Reader(env))
    return await open_connection(server, Login(user, password or PASSWORDS[user]), origin="the test")


def run(env: dict[str, str], *, dry_run: bool = False) -> tuple[list[str], list[str]]:
    shown: list[str] = []
    said: list[str] = []
    bootstrap(read_roles(env), dry_run=dry_run, show=shown.append, say=said.append)
    return shown, said


def let_in(user: str) -> None:
    with superuser() as connection:
        connection.execute(f"alter role {user} login password 'secondPassword'")


def test_the_administrator_is_no_superuser_and_a_second_run_changes_nothing(roles: dict[str, str]) -> None:
    query = (
        "select (select rolsuper from pg_roles where rolname = 'candlefish_admin'), "
        "(select array_agg((defaclrole, defaclobjtype, defaclacl::text) order by 1) from pg_default_acl)::text, "
        "(select array_agg((roleid, member) order by 1, 2) from pg_auth_members)::text, "
        "(select datacl from pg_database where datname = current_database())::text, "
        "(select array_agg((setrole, setconfig) order by 1) from pg_db_role_setting)::text"
    )
    with superuser() as connection:
        before = connection.execute(query).fetchone()
        assert before is not None
        assert before[0] is False
        run(roles)
        assert connection.execute(query).fetchone() == before


async def test_what_one_user_makes_the_other_uses_and_alters(roles: dict[str, str]) -> None:
    let_in(SECOND)
    first, second = await login(roles, APP), await login(roles, SECOND, "secondPassword")
    await first.execute("create table made (id serial primary key, n int); create schema mine; create table mine.t ()")
    await second.execute(
        "insert into made (n) values (1); alter table made add note text; alter table mine.t add n int"
    )
    await second.execute("create function one() returns int language sql as 'select 1'; create view v as table made")
    await first.execute(
        "drop function one(); create index on made (n); drop view v; drop table made; drop schema mine cascade"
    )
    await first.close()
    await second.close()


async def test_a_session_stays_the_owner_after_every_kind_of_reset(roles: dict[str, str]) -> None:
    connection = await login(roles, APP)
    for reset in ("reset all", "discard all", "reset role", "set session authorization default"):
        await connection.execute(reset)
        assert await connection.fetchval("select current_user") == "candlefish_owner", reset
    await connection.close()


async def test_what_was_made_without_the_role_is_shared_and_handed_over_by_the_next_run(roles: dict[str, str]) -> None:
    let_in(SECOND)
    first, second = await login(roles, APP), await login(roles, SECOND, "secondPassword")
    await first.execute("set role none")
    await first.execute("create table stray (n int)")
    await second.execute("insert into stray values (1)")
    await second.execute("set role none")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await second.execute("alter table stray add m int")
    await asyncio.to_thread(run, roles)
    await second.execute("reset role; alter table stray add m int")
    await first.close()
    await second.close()


async def test_the_application_reads_and_writes_what_the_administrator_makes(roles: dict[str, str]) -> None:
    admin, app = await login(roles, ADMIN), await login(roles, APP)
    await admin.execute("create table official (id serial, n int); create schema other; create table other.t (n int)")
    await app.execute("insert into official (n) values (1); select * from official")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("drop table official")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("create role intruder")
    await admin.execute("drop schema other cascade")
    await admin.close()
    await app.close()


async def test_the_monitoring_user_sees_all_activity_and_reads_no_table(roles: dict[str, str]) -> None:
    app, monitor = await login(roles, APP), await login(roles, MONITOR)
    await app.execute("create table private (n int)")
    assert await monitor.fetchval("select query from pg_stat_activity where usename = 'candlefish_app'")
    assert await monitor.fetchval("select count(*) from pg_stat_statements") > 0
    assert await monitor.fetchval("show statement_timeout") == "5s"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await monitor.execute("select * from private")
    await app.close()
    await monitor.close()


async def test_the_second_user_has_no_password_until_a_rotation_gives_it_one(roles: dict[str, str]) -> None:
    with superuser() as connection:
        connection.execute(f"drop owned by {SECOND}; drop role {SECOND}")
    await asyncio.to_thread(run, roles)
    with pytest.raises(LoginRefused, match=f"refuses the user {SECOND}"):
        await login(roles, SECOND, "anything")


def test_a_dry_run_shows_the_sql_and_neither_runs_it_nor_shows_a_password(roles: dict[str, str]) -> None:
    shown, said = run(roles | {"DB_HOST": "127.0.0.1", "DB_PORT": "1"}, dry_run=True)
    text = "\n".join(shown)
    assert said == []
    assert "alter role \"candlefish_app\" login password '********';" in text
    assert "SCRAM" not in text
    assert not any(password in text for password in PASSWORDS.values())


def test_no_password_reaches_the_log_of_the_server(roles: dict[str, str], place: Place) -> None:
    log = (place.folder / "state" / "run" / "postgres.log").read_text()
    assert "alter role" in log
    assert PASSWORDS[APP] not in log
    assert PASSWORDS[MONITOR] not in log


def test_a_statement_that_is_refused_is_named_without_its_password(roles: dict[str, str]) -> None:
    with superuser() as connection:
        connection.execute(f"alter role {ADMIN} nocreaterole")
    try:
        with pytest.raises(EngineError, match="the database refuses: ") as refused:
            run(roles)
    finally:
        with superuser() as connection:
            connection.execute(f"alter role {ADMIN} createrole")
    assert "SCRAM" not in str(refused.value)


def test_a_wrong_administrator_is_a_clear_error(roles: dict[str, str]) -> None:
    with pytest.raises(LoginRefused, match="refuses the user candlefish_admin with the password of ADMIN_PASSWORD"):
        run(roles | {"ADMIN_PASSWORD": "wrongPassword"})


async def test_through_the_pooler_every_client_acts_as_the_owner(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env)
    for endpoint in ("main", "session"):
        connection = await asyncpg.connect(program.url(endpoint=endpoint))
        for _ in range(3):
            assert await connection.fetchval("select current_user") == "candlefish_owner"
        await connection.close()
