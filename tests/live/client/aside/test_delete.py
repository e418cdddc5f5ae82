"""A delete ends everything that is older: what is kept, in every shape, and what is being loaded, in every process."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.live.client.aside.loader import Loader, soon

from candlefish import Cache

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually

pytestmark = pytest.mark.live


async def test_what_is_being_loaded_when_its_key_is_deleted_is_answered_and_not_kept(cache: Cache, key: str) -> None:
    loader = Loader("old", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    assert await cache.delete(key)
    loader.let_go()
    assert await loading == "old"
    assert await cache.get(key) is None
    assert cache.stats().refused_fills == 1


async def test_a_delete_by_another_process_ends_a_load_too(cache: Cache, other: Cache, key: str) -> None:
    loader = Loader("old", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    assert await other.delete(key)
    loader.let_go()
    assert await loading == "old"
    assert await cache.get(key) is None
    assert cache.stats().refused_fills == 1


@pytest.mark.parametrize("deleter", ["cache", "other"])
async def test_who_asks_after_a_delete_does_not_join_a_load_that_began_before_it(
    cache: Cache, other: Cache, key: str, deleter: str
) -> None:
    old, new = Loader("old", held=True), Loader("new")
    before = asyncio.ensure_future(cache.get_or_load(key, old))
    await old.begun.wait()
    await {"cache": cache, "other": other}[deleter].delete(key)
    assert await soon(cache.get_or_load(key, new)) == "new"
    old.let_go()
    assert await before == "old"
    assert await cache.get(key) == await other.get(key) == "new"


async def test_who_waits_for_another_process_loads_anew_when_the_key_is_deleted(
    open_cache: "OpenCache", key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    old = Loader("old", held=True)
    before = asyncio.ensure_future(cache.get_or_load(key, old))
    await old.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, Loader("new")))
    await eventually(lambda: other.stats().waits)
    await cache.delete(key)
    assert await soon(waiting) == "new"
    old.let_go()
    assert await before == "old"
    assert await cache.get(key) == "new"


@pytest.mark.parametrize("how", ["delete", "set", "refresh"])
async def test_who_waits_for_another_process_goes_on_when_its_own_process_changes_the_key(
    open_cache: "OpenCache", key: str, eventually: "Eventually", how: str
) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    old = Loader("old", held=True)
    before = asyncio.ensure_future(cache.get_or_load(key, old))
    await old.begun.wait()
    waiting = asyncio.ensure_future(other.get_or_load(key, Loader("new")))
    await eventually(lambda: other.stats().waits)
    changes = {"delete": other.delete(key), "set": other.set(key, "new"), "refresh": other.refresh(key, Loader("new"))}
    await soon(changes.pop(how))
    for change in changes.values():
        change.close()
    assert await soon(waiting) == "new"
    old.let_go()
    assert await before == "old"


async def test_what_was_set_while_a_load_ran_stays(cache: Cache, other: Cache, key: str) -> None:
    loader = Loader("loaded", held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader))
    await loader.begun.wait()
    assert await other.set(key, "set")
    loader.let_go()
    assert await loading == "loaded"
    assert await cache.get(key) == "set"


async def test_several_keys_are_deleted_at_once(cache: Cache, key: str) -> None:
    keys = [f"{key}:{number}" for number in range(10)]
    for one in keys:
        await cache.set(one, 1)
    assert await cache.delete(*keys)
    assert await cache.get_many(keys) == {}
    assert await cache.delete()


@dataclass
class Database:
    """Rows that are read and written as slowly as chance wants."""

    rows: dict[str, int]
    chance: Random

    async def read(self, key: str) -> int:
        await self._pause()
        value = self.rows[key]
        await self._pause()
        return value

    async def write(self, key: str) -> None:
        await self._pause()
        self.rows[key] += 1

    async def _pause(self) -> None:
        for _ in range(self.chance.randrange(6)):
            await asyncio.sleep(0.0005 * self.chance.random())


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_stale_is_left_when_readers_and_writers_have_raced(
    open_cache: "OpenCache", key: str, seed: int
) -> None:
    chance = Random(seed)
    caches = [await open_cache() for _ in range(3)]
    db = Database({f"{key}:{number}": 0 for number in range(40)}, chance)
    keys = list(db.rows)

    async def read() -> None:
        for _ in range(60):
            one = chance.choice(keys)
            await chance.choice(caches).get_or_load(one, lambda one=one: db.read(one))  # type: ignore[misc]

    async def write() -> None:
        for _ in range(40):
            one = chance.choice(keys)
            await db.write(one)
            await chance.choice(caches).delete(one)
            await asyncio.sleep(0.001)

    await asyncio.gather(*[read() for _ in range(20)], *[write() for _ in range(4)])
    kept: dict[str, Any] = await caches[0].get_many(keys)
    assert {one: value for one, value in kept.items() if value != db.rows[one]} == {}
    assert sum(cache.stats().refused_fills for cache in caches) > 0
