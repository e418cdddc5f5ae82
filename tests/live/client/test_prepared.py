"""Prepared statements are used wherever they survive, and nowhere else; nobody configures it."""

import asyncio
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from candlefish import Database, process
from candlefish.endpoints import Endpoints
from candlefish.engines.binaries import find_pgbouncer

STATEMENTS = 300
KEEPS_PREPARED = (1, 21)
"""The first PgBouncer that follows prepared statements over transaction pooling."""

POOLERS = sorted({find_pgbouncer()[0], process.find_binary("pgbouncer")})

Pooler = tuple[tuple[int, int], str]


def version_of(pooler: Path) -> tuple[int, int]:
    printed = subprocess.run([pooler, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", printed)
    assert found is not None
    return int(found[1]), int(found[2])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def render_config(version: tuple[int, int], primary: psycopg.ConnectionInfo, port: int) -> str:
    place = f"host={primary.hostaddr or primary.host} port={primary.port} dbname={primary.dbname}"
    login = f"user={primary.user} password={primary.password}"
    modes = [f"{mode} = {place} {login} pool_mode={mode}" for mode in ("transaction", "statement", "session")]
    settings = [f"listen_port = {port}", "listen_addr = 127.0.0.1", "unix_socket_dir =", "auth_type = any"]
    settings += ["server_round_robin = 1", "default_pool_size = 10"]
    settings += ["max_prepared_statements = 50"] if version >= KEEPS_PREPARED else []
    return "\n".join(["[databases]", *modes, "[pgbouncer]", *settings, ""])


@pytest.fixture(params=POOLERS, ids=lambda path: "{}.{}".format(*version_of(path)))
def pooler(request: pytest.FixtureRequest, endpoints: Endpoints) -> Iterator[Pooler]:
    """Give a PgBouncer of its own before the primary: its version, and its URL without a database's name."""
    program, version, port = request.param, version_of(request.param), free_port()
    with psycopg.connect(endpoints.admin_url) as primary, TemporaryDirectory() as folder:
        config = Path(folder) / "pgbouncer.ini"
        config.write_text(render_config(version, primary.info, port))
        Path(folder).chmod(0o755)  # the service user reads it
        user = process.service_user()
        with subprocess.Popen([program, "-q", config], user=user, stderr=subprocess.DEVNULL) as running:
            assert process.wait_until(lambda: process.find_listener("127.0.0.1", port) is not None, timeout_s=10)
            yield version, f"postgresql://any@127.0.0.1:{port}"
            running.kill()  # from 1.23 on, SIGTERM waits for every client to leave


@pytest.mark.parametrize("mode", ["transaction", "statement", "session"])
async def test_statements_run_through_any_pooler_in_any_mode(pooler: Pooler, mode: str) -> None:
    version, url = pooler
    async with Database(f"{url}/{mode}", pool_size=8) as db:
        asked = (db.fetchval(f"select $1::int + {number % 7}", number) for number in range(STATEMENTS))
        assert await asyncio.gather(*asked) == [number + number % 7 for number in range(STATEMENTS)]
        if mode != "session":  # a pooler in session mode can't be told from an old one in transaction mode
            assert db.stats()[0].prepared is (version >= KEEPS_PREPARED)


async def test_statements_survive_a_change_of_their_table(pooler: Pooler) -> None:
    url = f"{pooler[1]}/transaction"
    async with Database(url, read_urls=[url], pool_size=8) as db:
        await db.execute("create table if not exists alterable as select 1 as a")
        try:
            await asyncio.gather(*(db.fetch("select * from alterable") for _ in range(50)))
            await db.execute("alter table alterable add column b int default 2")
            rows = await asyncio.gather(*(db.fetchrow("select * from alterable") for _ in range(50)))
            assert all(row is not None and dict(row.items()) == {"a": 1, "b": 2} for row in rows)
        finally:
            await db.execute("drop table alterable")


async def test_statements_are_prepared_without_a_pooler(endpoints: Endpoints) -> None:
    with psycopg.connect(endpoints.admin_url) as primary:
        info = primary.info
        url = f"postgresql://{info.user}:{info.password}@{info.hostaddr or info.host}:{info.port}/{info.dbname}"
    async with Database(url) as db:
        assert db.stats()[0].prepared is True
        assert await db.fetchval("select count(*) from pg_prepared_statements where statement like '%myself%'") == 1


@pytest.mark.parametrize("endpoint", ["main_url", "read_url", "session_url", "analytics_url"])
async def test_the_same_statement_runs_again_and_again_on_every_endpoint(tier: Endpoints, endpoint: str) -> None:
    async with Database(getattr(tier, endpoint), pool_size=20) as db:
        answers = await asyncio.gather(*(db.fetchval("select $1::int", number) for number in range(STATEMENTS)))
        assert answers == list(range(STATEMENTS))
