"""asyncpg and psycopg work against every endpoint."""

import asyncio

import asyncpg
import psycopg
import pytest

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

QUERIES = 50


def cache_size(url: str, keeps_statements: bool) -> int:
    """Return what the documentation says to pass as asyncpg's statement_cache_size."""
    return 100 if keeps_statements or url.endswith("_session") else 0


def threshold(url: str, keeps_statements: bool) -> int | None:
    """Return what the documentation says to pass as psycopg's prepare_threshold."""
    return 5 if keeps_statements or url.endswith("_session") else None


async def test_asyncpg_reads_through_every_endpoint(poolers: dict[str, str], keeps_statements: bool) -> None:
    for name, url in poolers.items():
        async with asyncpg.create_pool(
            url, min_size=2, max_size=8, statement_cache_size=cache_size(url, keeps_statements)
        ) as pool:
            answers = await asyncio.gather(*(pool.fetchval("select $1::int + 1", n) for n in range(QUERIES)))
        assert answers == list(range(1, QUERIES + 1)), name


async def test_asyncpg_writes_in_transactions_and_copies_through_main(
    database: Endpoints, keeps_statements: bool
) -> None:
    connection = await asyncpg.connect(
        database.main_url, statement_cache_size=cache_size(database.main_url, keeps_statements)
    )
    try:
        await connection.execute("create table t (id int primary key, word text)")
        async with connection.transaction():
            await connection.executemany("insert into t values ($1, $2)", [(n, f"w{n}") for n in range(QUERIES)])
        await connection.copy_records_to_table("t", records=[(n, "copied") for n in range(100, 200)])
        with pytest.raises(asyncpg.UniqueViolationError):
            async with connection.transaction():
                await connection.execute("insert into t values (1000, 'undone'), (1, 'twice')")
        assert await connection.fetchval("select count(*) from t") == QUERIES + 100
        async with connection.transaction():
            rows = [row["id"] async for row in connection.cursor("select id from t where id < 10 order by id")]
        assert rows == list(range(10))
    finally:
        await connection.close()


async def test_asyncpg_hears_notifications_through_the_session_endpoint(database: Endpoints) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await asyncpg.connect(database.session_url)
    try:
        await connection.add_listener("news", lambda *words: heard.put_nowait(str(words[3])))
        await connection.execute("select pg_notify('news', 'heard')")
        assert await asyncio.wait_for(heard.get(), 30) == "heard"
    finally:
        await connection.close()


async def test_asyncpg_cannot_begin_on_the_analytics_endpoint(database: Endpoints) -> None:
    connection = await asyncpg.connect(database.analytics_url, statement_cache_size=0)
    try:
        with pytest.raises(asyncpg.PostgresError, match="statement pooling"):
            await connection.execute("begin")
    finally:
        connection.terminate()


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg_reads_through_every_endpoint(binary: bool, poolers: dict[str, str], keeps_statements: bool) -> None:
    for name, url in poolers.items():
        with psycopg.connect(
            url, autocommit=True, prepare_threshold=threshold(url, keeps_statements)
        ) as connection, connection.cursor(binary=binary) as cursor:  # fmt: skip
            answers = [cursor.execute("select %s::int + 1", [n]).fetchone() for n in range(QUERIES)]
        assert answers == [(n + 1,) for n in range(QUERIES)], name


def test_psycopg_writes_in_transactions_copies_and_pipelines_through_main(
    database: Endpoints, keeps_statements: bool
) -> None:
    with psycopg.connect(
        database.main_url, prepare_threshold=threshold(database.main_url, keeps_statements)
    ) as connection:
        connection.execute("create table t (id int primary key, word text)")
        with connection.cursor().copy("copy t from stdin") as copy:
            for number in range(QUERIES):
                copy.write_row((number, "copied"))
        connection.commit()
        with connection.pipeline():
            connection.cursor().executemany("insert into t values (%s, %s)", [(n, "piped") for n in range(100, 110)])
        with pytest.raises(psycopg.errors.UniqueViolation), connection.transaction():
            connection.execute("insert into t values (1000, 'undone'), (1, 'twice')")
        assert connection.execute("select count(*) from t").fetchone() == (QUERIES + 10,)
        with connection.cursor("on_the_server") as cursor:
            assert len(cursor.execute("select id from t").fetchall()) == QUERIES + 10


def test_psycopg_needs_autocommit_on_the_analytics_endpoint(database: Endpoints) -> None:
    with psycopg.connect(database.analytics_url, autocommit=True, prepare_threshold=None) as connection:
        assert connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
    refused = psycopg.connect(database.analytics_url, prepare_threshold=None)
    try:
        with pytest.raises(psycopg.Error, match="statement pooling"):
            refused.execute("select 1")
    finally:
        refused.close()
