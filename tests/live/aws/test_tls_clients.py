"""An environment from AWS works as it is printed: the client, drivers and psql against engines that speak TLS only."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.live.aws.conftest import Run
from tests.live.aws.tls_engines import HOST, Engines, make_certificates, running_engines

from candlefish import Cache, Database, process
from candlefish.errors import CacheUnavailable, Unavailable

pytestmark = pytest.mark.live

Apply = Callable[[dict[str, Any]], Path]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """Give the engines behind TLS."""
    with running_engines() as engines:
        yield engines


@pytest.fixture
def applied(engines: Engines, outputs: dict[str, Any], apply: Apply) -> Path:
    """Give the folder of a tier that leads to those engines."""
    return apply(
        {
            **outputs,
            "db_instance_address": HOST,
            "db_instance_endpoint": f"{HOST}:{engines.postgres_port}",
            "pgbouncer_host": HOST,
            "pgbouncer_port": engines.pgbouncer_port,
            "redis_endpoint": f"{HOST}:{engines.redis_port}",
        }
    )


@pytest.fixture
def environment(applied: Path, candlefish: Run) -> dict[str, str]:
    """Give what `candlefish env` prints for it."""
    done = candlefish("env", "--from-terraform", applied, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def verified(applied: Path, engines: Engines, candlefish: Run) -> dict[str, str]:
    """Give the same, with the certificates of pooler and database verified."""
    authority = str(engines.authority)
    done = candlefish(
        "env", "--from-terraform", applied, "--pooler-ca", authority, "--database-ca", authority, "--json"
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def trusted(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system trust the authority, as it does that of ElastiCache's certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(engines.authority))


def urls(environment: dict[str, str]) -> list[str]:
    """Return every URL of a database that an environment names."""
    return [
        url
        for name, value in environment.items()
        if name.endswith(("_URL", "_URLS")) and value.startswith("postgresql://")
        for url in value.split(",")
    ]


@pytest.mark.usefixtures("trusted")
async def test_database_and_cache_work_from_the_environment_alone(environment: dict[str, str]) -> None:
    async with Database.from_env(environment) as db, Cache.from_env(environment) as cache:
        await db.execute("create table if not exists kept (id int primary key)")
        async with db.transaction() as tx:
            await tx.execute("insert into kept values (1) on conflict do nothing")
        assert await db.fetchval("select count(*) from kept") == 1
        assert len(await db.report("select * from kept")) == 1
        async with db.session() as session:
            assert await session.fetchval("select current_user") == "candlefish_app_2"
        await cache.ping()
        assert await cache.set("key", {"answer": 42})
        assert await cache.get("key") == {"answer": 42}


async def test_database_works_where_the_certificates_are_verified(verified: dict[str, str]) -> None:
    async with Database.from_env(verified) as db:
        assert await db.fetchval("select 1") == 1


@pytest.fixture
def other_authority(tmp_path: Path) -> Path:
    """Give an authority that signed nothing."""
    make_certificates(tmp_path)
    return tmp_path / "ca.crt"


async def test_database_refuses_a_pooler_of_another_authority(
    verified: dict[str, str], engines: Engines, other_authority: Path
) -> None:
    swapped = {name: url.replace(str(engines.authority), str(other_authority)) for name, url in verified.items()}
    with pytest.raises(Unavailable, match="certificate verify failed"):
        async with Database.from_env(swapped):
            pass


async def test_cache_trusts_the_authority_that_its_url_names(environment: dict[str, str], engines: Engines) -> None:
    url = f"{environment['CANDLEFISH_REDIS_URL']}?ssl_ca_certs={engines.authority}"
    async with Cache.from_env({**environment, "CANDLEFISH_REDIS_URL": url}) as cache:
        await cache.ping()


async def test_cache_does_not_talk_to_a_redis_that_nobody_trusts(environment: dict[str, str]) -> None:
    async with Cache.from_env(environment) as cache:
        with pytest.raises(CacheUnavailable, match="certificate verify failed"):
            await cache.ping()
        assert await cache.get("key") is None


def test_psycopg_and_psql_take_every_url(environment: dict[str, str], verified: dict[str, str]) -> None:
    for url in (*urls(environment), *urls(verified)):
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            assert connection.execute("select 6 * 7").fetchone() == (42,)
            assert connection.pgconn.ssl_in_use
        printed = subprocess.run(
            [process.find_binary("psql"), url, "-Atc", "select 6 * 7"], capture_output=True, text=True
        )
        assert printed.stdout.strip() == "42", printed.stderr


def test_nothing_answers_without_encryption(environment: dict[str, str]) -> None:
    """What worked above was encrypted: the engines take nothing else."""
    for url in urls(environment):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url.replace("sslmode=require", "sslmode=disable"))
    parts = urlsplit(environment["CANDLEFISH_REDIS_URL"])
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(parts._replace(scheme="redis").geturl()) as plain:
        plain.ping()


def test_sqlalchemy_takes_the_urls_as_the_documentation_says(environment: dict[str, str]) -> None:
    url = environment["CANDLEFISH_MAIN_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=True, connect_args={"prepare_threshold": None})
    with engine.connect() as connection:
        assert connection.execute(text("select 6 * 7")).scalar() == 42
    engine.dispose()


async def test_sqlalchemy_with_asyncpg_takes_what_asyncpg_takes(
    environment: dict[str, str], verified: dict[str, str]
) -> None:
    for url in (environment["CANDLEFISH_MAIN_URL"], verified["CANDLEFISH_MAIN_URL"]):
        engine = create_async_engine(
            "postgresql+asyncpg://?prepared_statement_cache_size=0",
            async_creator=lambda url=url: asyncpg.connect(url, statement_cache_size=0),
        )
        async with engine.connect() as connection:
            assert (await connection.execute(text("select 6 * 7"))).scalar() == 42
        await engine.dispose()


async def test_sqlalchemy_with_asyncpg_knows_no_sslmode(environment: dict[str, str]) -> None:
    """Why the documentation lets asyncpg read the URL."""
    engine = create_async_engine(
        environment["CANDLEFISH_MAIN_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
    )
    with pytest.raises(TypeError, match="sslmode"):
        await engine.connect()
    await engine.dispose()


def test_redis_py_takes_the_url_and_its_authority(environment: dict[str, str], engines: Engines) -> None:
    url = f"{environment['CANDLEFISH_REDIS_URL']}?ssl_ca_certs={engines.authority}"
    with redis.Redis.from_url(url) as client:
        assert client.ping()


def test_redis_cli_takes_endpoint_and_token(environment: dict[str, str], engines: Engines) -> None:
    host, port = environment["REDIS_ENDPOINT"].split(":")
    done = subprocess.run(
        ["redis-cli", "--tls", "--cacert", engines.authority, "-h", host, "-p", port, "ping"],
        env={**os.environ, "REDISCLI_AUTH": environment["REDIS_AUTH_TOKEN"]},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "PONG", done.stderr


NODE = Path(__file__).resolve().parents[3] / "examples" / "node"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install what the lock file of the Node examples names, each by its hash, and return the folder."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine: `pg` and `ioredis` can't be installed")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE / name, folder)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_pg_and_ioredis_take_the_urls_as_the_documentation_says(
    environment: dict[str, str], verified: dict[str, str], engines: Engines, modules: Path
) -> None:
    program = shutil.copy(Path(__file__).parent / "node" / "pools.js", modules)
    done = subprocess.run(
        ["node", program],
        env={
            **os.environ,
            **environment,
            "VERIFIED_URL": verified["CANDLEFISH_MAIN_URL"],
            "AUTHORITY": str(engines.authority),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["main"], found["admin"], found["verified"]) == (42, 42, 42)
    assert found["without"] == "UNABLE_TO_VERIFY_LEAF_SIGNATURE"  # why the documentation adds a parameter
    assert (found["encrypted"], found["kept"]) == (True, "kept")
