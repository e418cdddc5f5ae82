"""Each library as an application uses it when its rows change: load through the cache, write and invalidate, look."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeAlias

from candlefish import Cache, Database, Transaction
from candlefish.client.aside.invalidation import KeysOfTransaction
from candlefish.client.fence import Written
from harness.door import Door

Load: TypeAlias = Callable[[], Awaitable[int]]
Write: TypeAlias = Callable[[Transaction], Awaitable[None]]

THREADS: Final = 600
"""For a library that blocks: more than the keys that are raced at a time, each of which may hold one."""

NOWHERE: Final = "redis://127.0.0.1:1"
"""A Redis that nobody reaches."""

TTL_S: Final = 3600
"""Longer than any run: what is stale stays."""


class Raced(Protocol):
    """A library with one of its settings."""

    async def get_or_load(self, key: str, load: Load) -> int:
        """Return what is kept, or load it."""

    async def write(self, db: Database, key: str, write: Write) -> None:
        """Change rows in a transaction, and invalidate the key as the library's users do."""

    async def write_unheard(self, db: Database, key: str, write: Write, fault: str) -> None:
        """Change rows while a fault keeps the invalidation away: see `peers.unheard`."""

    async def settle(self, key: str) -> None:
        """Do what an application does that got no reply to its commit and has found that it was carried out."""

    async def kept(self, key: str) -> int | None:
        """Return what is kept."""

    def fences(self, keys: Sequence[str]) -> list[str]:
        """Return what in Redis keeps old values of these keys away."""

    async def evict_fences(self) -> None:
        """Delete what the library keeps beside its entries, as a full Redis may."""

    def refused_fills(self) -> int:
        """Return how often a loaded value was not kept."""

    async def close(self) -> None:
        """Close the connections."""


class Ours:
    """candlefish with its defaults."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def get_or_load(self, key: str, load: Load) -> int:
        """See Raced."""
        return await self._cache.get_or_load(key, load)

    async def write(self, db: Database, key: str, write: Write) -> None:
        """See Raced."""
        async with db.transaction() as tx:
            await write(tx)
            self._cache.invalidate(tx, key)

    async def write_unheard(self, db: Database, key: str, write: Write, fault: str) -> None:
        """See Raced."""
        async with Cache(NOWHERE) as cut, db.transaction() as tx:
            await write(tx)
            if fault == "cut":
                cut.invalidate(tx, key)
            elif fault == "killed":
                tx.invalidate(_Killed(KeysOfTransaction(self._cache._writes, [key]), self))  # noqa: SLF001 - a fault

    async def settle(self, key: str) -> None:
        """Do nothing: the key was invalidated before the commit."""

    async def kept(self, key: str) -> int | None:
        """See Raced."""
        value: int | None = await self._cache.get(key)
        return value

    def fences(self, keys: Sequence[str]) -> list[str]:
        """See Raced."""
        return [self._cache._fences.name(key) for key in keys]  # noqa: SLF001 - to see that they are gone

    async def evict_fences(self) -> None:
        """See Raced."""
        redis = self._cache._redis  # noqa: SLF001 - a fault, not a use
        names = await redis.call("", "KEYS", "~fence:*")
        if names:
            await redis.call("", "DEL", *names)

    def refused_fills(self) -> int:
        """See Raced."""
        return self._cache.stats().refused_fills

    async def close(self) -> None:
        """See Raced."""
        await self._cache.close()


class _Killed:
    """The invalidation of a writer that dies with its commit, while Redis loses the fences."""

    def __init__(self, keys: KeysOfTransaction, cache: Ours) -> None:
        self._keys = keys
        self._cache = cache

    async def announce(self, written: Written) -> None:
        await self._keys.announce(written)
        await self._cache.evict_fences()

    def confirm(self, _: Written | None) -> "asyncio.Task[None]":
        return asyncio.ensure_future(asyncio.sleep(0))


class Theirs:
    """A library that deletes a key after the commit: none of the others can do more."""

    def __init__(
        self,
        get_or_load: Callable[[str, Load], Awaitable[int]],
        delete: Callable[[str], Awaitable[Any]],
        get: Callable[[str], Awaitable[Any]],
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._get_or_load = get_or_load
        self._delete = delete
        self._get = get
        self._close = close

    async def get_or_load(self, key: str, load: Load) -> int:
        """See Raced."""
        return await self._get_or_load(key, load)

    async def kept(self, key: str) -> int | None:
        """See Raced."""
        value: int | None = await self._get(key)
        return value

    async def write(self, db: Database, key: str, write: Write) -> None:
        """See Raced."""
        async with db.transaction() as tx:
            await write(tx)
        await self._delete(key)

    async def write_unheard(self, db: Database, key: str, write: Write, fault: str) -> None:
        """Change the rows: the delete that would follow is what does not come."""
        async with db.transaction() as tx:
            await write(tx)

    async def settle(self, key: str) -> None:
        """See Raced."""
        await self._delete(key)

    def fences(self, keys: Sequence[str]) -> list[str]:
        """There are none."""
        return []

    async def evict_fences(self) -> None:
        """There are none."""

    def refused_fills(self) -> int:
        """None is ever refused."""
        return 0

    async def close(self) -> None:
        """See Raced; a row's process ends anyway."""
        if self._close is not None:
            await self._close()


async def open_candlefish(door: Door, *, sentinel_url: str = "") -> Raced:
    """Open a cache for as long as the process lives."""
    return Ours(await Cache(door.url(), sentinel_url=sentinel_url, ttl_s=TTL_S, timeout_s=5.0).__aenter__())


async def open_cashews(door: Door, *, lock: bool = False) -> Raced:
    """Open cashews; each key has a decorated function of its own, as its `get_or_set` has no lock."""
    from cashews.picklers import PicklerType

    from peers.cashews import open_cache

    cache = open_cache(door, connections=50, pickle_type=PicklerType.DEFAULT)
    loads: dict[str, Load] = {}

    @cache(ttl=TTL_S, key="{key}", lock=lock)
    async def load_key(key: str) -> int:
        return await loads[key]()

    def get_or_load(key: str, load: Load) -> Awaitable[int]:
        loads[key] = load
        return load_key(key)

    return Theirs(get_or_load, cache.delete, cache.get)


async def open_aiocache(door: Door, *, lease_s: float = 0.0) -> Raced:
    """Open aiocache's decorators."""
    from aiocache import RedisCache, cached, cached_stampede
    from aiocache.serializers import PickleSerializer

    from peers.aiocache import cache_options

    options = {"ttl": TTL_S, "serializer": PickleSerializer(), **cache_options(door, 50)}
    loads: dict[str, Load] = {}
    named = {"cache": RedisCache, "key_builder": lambda _function, key: key, **options}

    @(cached_stampede(lease=lease_s, **named) if lease_s else cached(**named))
    async def load_key(key: str) -> int:
        return await loads[key]()

    def get_or_load(key: str, load: Load) -> Awaitable[int]:
        loads[key] = load
        return load_key(key)

    cache = RedisCache(serializer=PickleSerializer(), **cache_options(door, 50))
    return Theirs(get_or_load, cache.delete, cache.get)


async def open_dogpile(door: Door, *, distributed_lock: bool = True) -> Raced:
    """Open dogpile.cache; its calls block, so each runs in a thread."""
    from dogpile.cache.api import NO_VALUE

    from peers.dogpile import open_region

    region = open_region(door, connections=50, codec="pickle", distributed_lock=distributed_lock)
    loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(THREADS)

    async def get_or_load(key: str, load: Load) -> int:
        def load_blocking() -> int:
            return asyncio.run_coroutine_threadsafe(load(), loop).result()  # type: ignore[arg-type]

        return int(await loop.run_in_executor(threads, region.get_or_create, key, load_blocking))

    async def get(key: str) -> int | None:
        value = await loop.run_in_executor(threads, region.get, key)
        return None if value is NO_VALUE else int(value)

    async def delete(key: str) -> None:
        await loop.run_in_executor(threads, region.delete, key)

    return Theirs(get_or_load, delete, get)
