"""What is committed makes the cache forget, whoever committed it and whatever dies meanwhile."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from tests.live.changes.conftest import Execute
from tests.live.changes.forgetting import await_kept, forgetting, keep, kept, make_route
from tests.live.client.conftest import OpenProxy

from candlefish import Cache
from candlefish.changes.slot import drop
from candlefish.changes.source import Source
from candlefish.client.rules import Rule
from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

ROWS = 3_000


@pytest.fixture
def prefix() -> str:
    return f"test:{uuid4().hex[:8]}:"


@pytest.fixture
async def cache(tier: Endpoints, prefix: str) -> AsyncIterator[Cache]:
    async with Cache.from_env(tier.to_env(), prefix=prefix, timeout_s=5.0, ttl_s=3600) as cache:
        yield cache


async def test_a_row_that_is_changed_in_psql_is_forgotten_and_no_other(
    source: Source, rules: tuple[Rule, ...], tier: Endpoints, cache: Cache, prefix: str, execute: Execute
) -> None:
    execute("insert into users values (1, 7, 'a'), (2, 7, 'b')")
    async with forgetting(make_route(source, rules, tier, prefix)):
        await keep(cache, ["note:seen"])
        execute("insert into notes values ('seen')")
        await await_kept(cache, ["note:seen"], set())
        await keep(cache, ["user:1", "user:2", "other"])
        execute("update users set name = 'c' where id = 1")
        await await_kept(cache, ["user:1", "user:2", "other"], {"user:2", "other"})


async def test_all_that_carries_a_tag_of_a_changed_row_is_forgotten(
    source: Source, rules: tuple[Rule, ...], tier: Endpoints, cache: Cache, prefix: str, execute: Execute
) -> None:
    loads = list[str]()

    async def ask(key: str, tag: str) -> None:
        async def load() -> str:
            loads.append(key)
            return "loaded"

        assert await cache.get_or_load(key, load, tags=[tag]) == "loaded"

    async def ask_all() -> None:
        for key, tag in (("one", "org:7"), ("two", "org:7"), ("three", "org:8")):
            await ask(key, tag)

    async with forgetting(make_route(source, rules, tier, prefix)):
        await keep(cache, ["user:1"])
        await ask_all()
        await ask_all()
        assert loads == ["one", "two", "three"]
        execute("insert into users values (1, 7, 'a')")
        await await_kept(cache, ["user:1"], set())
        await ask_all()
        assert loads == ["one", "two", "three", "one", "two"]


async def test_a_follower_that_is_killed_and_started_again_misses_nothing(
    source: Source, rules: tuple[Rule, ...], tier: Endpoints, cache: Cache, prefix: str, tmp_path: Path
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\ntable = "notes"\nkeys = ["note:{slug}"]\n')
    arguments = (
        *("--database-url", source.conninfo, "--redis-url", tier.sentinel_url, "--rules", str(file)),
        *("--prefix", prefix, "--slot", source.slot, "--publication", source.publication, "--json"),
    )

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "candlefish.cli.main", "follow", *arguments, stdout=asyncio.subprocess.DEVNULL
        )

    changed = [f"note:n{number}" for number in range(ROWS)]
    untouched = [f"left:{number}" for number in range(100)]
    await keep(cache, [*changed, *untouched])
    writing = asyncio.create_task(asyncio.to_thread(write_notes, source))
    for _ in range(3):
        follower = await start()
        await asyncio.sleep(2.0)  # so that it is killed at work; what it has done by then does not matter
        follower.kill()
        assert await follower.wait() == -signal.SIGKILL
    await writing
    follower = await start()
    try:
        await await_kept(cache, [*changed, *untouched], set(untouched))
    finally:
        follower.kill()
        await follower.wait()


def write_notes(source: Source) -> None:
    """Insert rows one by one, for about six seconds."""
    with psycopg.connect(source.conninfo, autocommit=True) as connection:
        for number in range(ROWS):
            connection.execute("insert into notes values (%s)", [f"n{number}"])
            if number % 10 == 0:
                connection.execute("select pg_sleep(0.015)")


async def test_after_a_gap_everything_is_forgotten_of_this_cache_and_nothing_of_another(
    source: Source, rules: tuple[Rule, ...], tier: Endpoints, cache: Cache, prefix: str
) -> None:
    names = [f"key:{number}" for number in range(5_000)]
    async with Cache.from_env(tier.to_env(), prefix=f"other:{prefix}", timeout_s=5.0) as other:
        await keep(cache, names)
        await keep(other, names)
        drop(source)
        async with forgetting(make_route(source, rules, tier, prefix)) as told:
            await await_kept(cache, names, set())
            assert await kept(other, names) == set(names)
            async with asyncio.timeout(30):
                while not any(progress.gaps for progress in told):  # noqa: ASYNC110  # told each second
                    await asyncio.sleep(0.1)


async def test_a_truncated_table_makes_all_stale(
    source: Source, rules: tuple[Rule, ...], tier: Endpoints, cache: Cache, prefix: str, execute: Execute
) -> None:
    names = [f"key:{number}" for number in range(100)]
    async with forgetting(make_route(source, rules, tier, prefix)):
        await keep(cache, names)
        execute("truncate notes")
        await await_kept(cache, names, set())


async def test_what_is_changed_while_redis_is_away_is_forgotten_when_it_is_back(
    source: Source,
    rules: tuple[Rule, ...],
    tier: Endpoints,
    cache: Cache,
    prefix: str,
    execute: Execute,
    open_proxy: OpenProxy,
) -> None:
    names = [f"note:n{number}" for number in range(50)]
    await keep(cache, names)
    proxy = await open_proxy(tier.redis_url)
    async with forgetting(make_route(source, rules, tier, prefix, proxy.url)):
        execute("insert into notes values ('n0')")
        await await_kept(cache, names, {*names} - {"note:n0"})
        await proxy.die()
        execute("insert into notes select 'n' || i from generate_series(1, 40) i")
        await asyncio.sleep(1.0)
        assert await kept(cache, names) == {*names} - {"note:n0"}
        await proxy.come_back()
        await await_kept(cache, names, {f"note:n{number}" for number in range(41, 50)})
